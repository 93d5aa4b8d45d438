"""How files are encrypted at rest: with one secret key, by AES-256-GCM, each whole and bound to the kind of its content."""

import errno
import os
import re
from pathlib import Path
from typing import Final

MAGIC: Final = b"CWSEALED"
"""The first bytes of an encrypted file, of which the last part is the authentication tag."""

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
OVERHEAD: Final = len(MAGIC) + NONCE_BYTES + TAG_BYTES
"""Bytes by which an encrypted file is longer than its content."""

PROTOCOL: Final = "encrypted"
"""How the name of a file begins for DuckDB, before ``://``, if it is to be decrypted."""

PURPOSE: Final = b"clever-warehouse landing"
"""Separates the key of files from that of DuckDB, which is made of the same secret."""


class Key:
    """A secret key; neither its text nor what is made of it is shown by anything that shows objects."""

    __slots__ = ("_cipher", "_secret")

    def __init__(self, secret: bytes) -> None:
        """Derive the key of files from 32 secret bytes.

        Raises:
            ImportError: the package cryptography is not installed.
        """
        # An optional dependency, and slow to import.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

        self._secret = secret
        self._cipher = AESGCM(HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(secret))

    def __repr__(self) -> str:
        return "Key(...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self._secret == other._secret

    def __hash__(self) -> int:
        return hash(self._secret)

    @property
    def for_duckdb(self) -> str:
        """What DuckDB takes as ENCRYPTION_KEY: the digits of the key file."""
        return self._secret.hex()

    def encrypt(self, content: bytes, kind: str) -> bytes:
        """Content as a file keeps it; it can be decrypted only as content of the same kind."""
        nonce = os.urandom(NONCE_BYTES)
        return b"".join((MAGIC, nonce, self._cipher.encrypt(nonce, content, kind.encode())))

    def decrypt(self, encrypted: bytes, kind: str) -> bytes:
        """Content that was encrypted.

        Raises:
            ValueError: it is plain, was changed, is of another kind, or is encrypted with another key.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415

        view = memoryview(encrypted)
        start = len(MAGIC) + NONCE_BYTES
        if not is_encrypted(encrypted) or len(encrypted) < OVERHEAD:
            raise ValueError("It is not encrypted.")
        try:
            return self._cipher.decrypt(view[len(MAGIC) : start], view[start:], kind.encode())
        except InvalidTag:
            raise ValueError("It was changed, or is encrypted with another key.") from None


def is_encrypted(content: bytes) -> bool:
    """Whether the content of a file, or its beginning, is that of an encrypted one."""
    return content.startswith(MAGIC)


def kind_of(file: Path) -> str:
    """To what the content of a file is bound: its name without numbers, because a page may get another number in the next sync."""
    return re.sub(r"\d+", "", file.name)


class UndecryptableError(OSError):
    """A file cannot be decrypted."""

    def __init__(self, file: Path) -> None:
        super().__init__(errno.EBADMSG, "It is damaged, or does not belong to the key that is set", str(file))


class Files:
    """Reads and writes whole files: encrypted with a key, or plain without one."""

    def __init__(self, key: Key | None = None) -> None:
        self.key = key

    def read(self, file: Path) -> bytes:
        """The content of a file.

        Raises:
            UndecryptableError: it is damaged, or it is plain or encrypted with another key and should not be.
            OSError: it cannot be read.
        """
        content = file.read_bytes()
        if self.key is None:
            if is_encrypted(content):
                raise UndecryptableError(file)
            return content
        try:
            return self.key.decrypt(content, kind_of(file))
        except ValueError:
            raise UndecryptableError(file) from None

    def write(self, file: Path, content: bytes) -> None:
        """Write a file, which is there whole or not at all: it is written under another name, then renamed."""
        partial = file.with_name(f"{file.name}.partial")
        partial.write_bytes(content if self.key is None else self.key.encrypt(content, kind_of(file)))
        partial.replace(file)


PLAIN: Final = Files()
"""Files without a key."""
