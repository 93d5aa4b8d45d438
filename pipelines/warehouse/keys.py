"""Where a secret key is kept: in a file that only its owner may read, created once."""

import os
import re
import secrets
import stat
from pathlib import Path
from typing import Final

from pipelines.disk import sync_to_disk
from pipelines.encryption import Key
from pipelines.warehouse.errors import KeyFileError, MissingExtensionError

BYTES: Final = 32
"""The length of a key: 256 bits."""


def read_or_create(file: Path) -> bytes:
    """The key in a file; a new one is created if there is no file.

    Raises:
        KeyFileError: the file holds no key, others may read it, or it cannot be read or created.
    """
    try:
        create(file)
    except FileExistsError:
        return read(file)
    return read(file)


def create(file: Path) -> None:
    """Create a file with a new key, of mode 0600.

    Raises:
        FileExistsError: there is one.
        KeyFileError: it cannot be created.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(f"{secrets.token_hex(BYTES)}\n")
        sync_to_disk(file)
        sync_to_disk(file.parent)
    except FileExistsError:
        raise
    except OSError as error:
        message = f"The key file {file} could not be created ({error.strerror}): name a file in a folder that you may write to."
        raise KeyFileError(message) from None


def encryption_key(file: Path) -> Key:
    """The key of an encrypted warehouse.

    Raises:
        KeyFileError: there is no file, it holds no key, others may read it, or it cannot be read.
        MissingExtensionError: what encrypts is not installed.
    """
    if not file.exists():
        message = (
            f"There is no key file {file} (CLEVER_ENCRYPTION_KEY_FILE): restore it from its backup, because nothing else opens an "
            "encrypted warehouse. If the warehouse is not encrypted yet, run `clever-warehouse rekey`, which creates the key."
        )
        raise KeyFileError(message)
    try:
        return Key(read(file))
    except ImportError:
        message = (
            "CLEVER_ENCRYPTION_KEY_FILE needs the package cryptography, which is not installed. "
            "Run `pip install 'clever-warehouse[encryption]'`."
        )
        raise MissingExtensionError(message) from None


def require_elsewhere(file: Path, folder: Path) -> None:
    """Refuse a key file in the folder that it encrypts.

    Raises:
        KeyFileError: it is there.
    """
    if Path(os.path.realpath(file)).is_relative_to(os.path.realpath(folder)):
        message = (
            f"The key file {file} is in the folder that it encrypts, where it protects nothing: set CLEVER_ENCRYPTION_KEY_FILE to a file "
            "elsewhere, best on another disk."
        )
        raise KeyFileError(message)


def successor(file: Path) -> Path:
    """Where the next key is while files are changed to it."""
    return file.with_name(f"{file.name}.new")


def require_settled(file: Path) -> None:
    """Refuse to use a key while files are changed to the next one.

    Raises:
        KeyFileError: that was interrupted, or is under way.
    """
    if successor(file).exists():
        message = (
            f"The change to the key {successor(file)} has not ended, so nothing was done: run `clever-warehouse rekey`, which "
            "continues it, or wait if it is running."
        )
        raise KeyFileError(message)


def replace(file: Path) -> None:
    """Put a new key in the place of the one in a file, if there is one: what the former one made cannot be made again.

    Raises:
        KeyFileError: it cannot be replaced.
    """
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        message = f"The key file {file} could not be replaced: {error.strerror}."
        raise KeyFileError(message) from None
    create(file)


def read(file: Path) -> bytes:
    """The key in a file.

    Raises:
        KeyFileError: there is no file, it holds no key, others may read it, or it cannot be read.
    """
    try:
        if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
            message = f"Others may read the key file {file}, so it was not used: run `chmod 600 {file}`."
            raise KeyFileError(message)
        text = file.read_text(encoding="ascii").strip()
    except UnicodeDecodeError:
        text = ""
    except OSError as error:
        message = f"The key file {file} cannot be read: {error.strerror}."
        raise KeyFileError(message) from None
    if not re.fullmatch(rf"[0-9A-Fa-f]{{{2 * BYTES}}}", text):
        message = (
            f"The key file {file} holds no key: a key is {2 * BYTES} hexadecimal digits on one line. Restore it from a "
            "backup."
        )
        raise KeyFileError(message)
    return bytes.fromhex(text)
