"""How one stream of one district is landed: one file per page, and a receipt that says how far the read has come.

A whole record is landed with the hash of its bytes as its first field, ``_line``, and beside each page stands a list of these
hashes: what differs from the last sync is found without reading the records.
"""

import hashlib
import os
from pathlib import Path

import msgspec
import xxhash

from pipelines.encryption import PLAIN, Files, UndecryptableError

RECEIPT = "receipt.json"
"""End of the name of a stream's receipt."""

INDEX = ".index"
"""Suffix of the list of a page's hashes: on each line the byte of the page at which a record begins, a comma, and its hash.

The suffix is another one than that of earlier versions, whose lists had the numbers of the records.
"""

_HASH = b'{"_line":"'


class _Identified(msgspec.Struct, gc=False):
    id: object = None


_identified = msgspec.json.Decoder(_Identified)


class LandedPage(msgspec.Struct, frozen=True):
    """One page on disk."""

    file: str
    records: int
    bytes: int
    digest: str
    """SHA-256 of all lines of the stream up to the end of this page."""
    checksum: str = ""
    """XXH3 of this page's lines."""
    body: str = ""
    """What the answer is known by that the lines were made of; empty if nothing is to be made of it again."""
    first_id: str | None = None
    last_id: str | None = None
    next_uri: str | None = None
    repaired: tuple[str, ...] = ()
    """Ids of the records in which half a surrogate pair was replaced by U+FFFD."""


class Receipt(msgspec.Struct):
    """What was read of a stream, and how far.

    ``complete`` only once the chain of pages was followed to a page without a next link; ``next_uri`` is where to go on
    while it is not. ``digest`` is the SHA-256 of the records as lines, so it does not depend on the page size.
    """

    stream: str = msgspec.field(name="feed")
    """Its name in the file is that of earlier versions, so that their landings can be resumed."""
    pages: list[LandedPage] = []
    first_id: str | None = None
    last_id: str | None = None
    next_uri: str | None = None
    complete: bool = False

    @property
    def records(self) -> int:
        """Records landed."""
        return sum(page.records for page in self.pages)

    @property
    def bytes(self) -> int:
        """Bytes of the records landed."""
        return sum(page.bytes for page in self.pages)

    @property
    def repaired(self) -> list[str]:
        """Ids of the records whose text had to be repaired."""
        return [record_id for page in self.pages for record_id in page.repaired]

    @property
    def digest(self) -> str:
        """SHA-256 of the lines landed."""
        return self.pages[-1].digest if self.pages else hashlib.sha256().hexdigest()

    @property
    def short_digest(self) -> str:
        """The first 128 bits of the digest: enough to distinguish reads, and half the space in a table that grows with every sync."""
        return self.digest[:32]


def receipt_in(file: Path, files: Files = PLAIN) -> Receipt | None:
    """The receipt that is kept in a file; None if there is none that can be read."""
    try:
        return msgspec.json.decode(files.read(file), type=Receipt)
    except (FileNotFoundError, UndecryptableError, msgspec.DecodeError):
        return None


class KnownPage(msgspec.Struct, frozen=True):
    """A page that an earlier read has landed, with the content of its files."""

    page: LandedPage
    number: int
    """Its place among the pages of that read, from 0."""
    former_digest: str
    """The digest of that read up to this page, without it."""
    file: Path
    content: bytes
    hashes: Path | None
    """The list of its hashes; None if it was landed without."""
    receipt: Receipt
    """The receipt of that read."""
    receipt_file: Path


class LandedStream:
    """One stream as an earlier read has landed it, which knows what was made of each answer."""

    def __init__(self, receipt_file: Path, receipt: Receipt, files: Files = PLAIN) -> None:
        self.receipt = receipt
        self._files = files
        self._receipt_file = receipt_file
        self._by_body = {page.body: number for number, page in enumerate(receipt.pages) if page.body}

    def made_of(self, body: str) -> KnownPage | None:
        """The page that was made of an answer; None if there is none, or its file is not what it was."""
        number = self._by_body.get(body)
        if number is None:
            return None
        page = self.receipt.pages[number]
        file = self._receipt_file.with_name(page.file)
        hashes = file.with_suffix(INDEX)
        try:
            content = self._files.read(file)
        except OSError:
            return None
        if xxhash.xxh3_128_hexdigest(content) != page.checksum:
            return None
        former_digest = self.receipt.pages[number - 1].digest if number else hashlib.sha256().hexdigest()
        return KnownPage(
            page,
            number,
            former_digest,
            file,
            content,
            hashes if hashes.exists() else None,
            self.receipt,
            self._receipt_file,
        )


def with_hashes(lines: bytes) -> tuple[bytes, bytes]:
    """Return records, one per line, each with the XXH3 of its bytes (64 bits, a decimal number as text) as its first field.

    Also returns the list of these hashes, each with the byte at which its record begins. Two different records have the same hash once
    in about 10^19 pairs.
    """
    hashed, hashes = [], []
    start = 0
    for line in lines[:-1].split(b"\n") if lines else ():
        found = b"%d" % xxhash.xxh3_64_intdigest(line)
        comma = b'"' if len(line) < _SHORT and not line[1:-1].strip() else b'",'
        hashed.append(b"".join((_HASH, found, comma, memoryview(line)[1:], b"\n")))
        hashes.append(b"%d,%b\n" % (start, found))
        start += len(hashed[-1])
    return b"".join(hashed), b"".join(hashes)


_SHORT = 64
"""Bytes of a line that may be an object without fields."""


def without_hashes(lines: bytes) -> bytes:
    """Return records as Clever sent them, one per line; lines without hashes stay as they are."""
    if not lines.startswith(_HASH):
        return lines
    start = len(_HASH)
    stripped = []
    for line in lines[:-1].split(b"\n"):
        end = line.index(b'"', start) + 1
        stripped.append(b"{" + line[end + 1 if line[end : end + 1] == b"," else end :])
    stripped.append(b"")
    return b"\n".join(stripped)


class StreamLanding:
    """The files of one stream in one read; resumes after the last complete page of an earlier attempt."""

    def __init__(self, folder: Path, stream: str, files: Files = PLAIN, *, is_hashed: bool = False) -> None:
        """With the folder, the stream's name, how files are kept, and whether its records are landed with hashes."""
        self.folder = folder
        self._files = files
        self._is_hashed = is_hashed
        # In a folder of its own, which earlier versions gave each stream, its files are not named after it.
        self._prefix = "" if folder.name == stream else f"{stream}-"
        self._receipt_file = folder / f"{self._prefix}{RECEIPT}"
        folder.mkdir(parents=True, exist_ok=True)
        self.receipt, self._digest = self._remembered() or (Receipt(stream=stream), hashlib.sha256())
        self._undigested: list[Path] = []
        """Pages of which the digest is known from an earlier read; they are digested when another page follows."""

    def _remembered(self) -> "tuple[Receipt, hashlib._Hash] | None":
        """The receipt of an earlier try and the digest so far, if every page it names is there, byte for byte."""
        digest = hashlib.sha256()
        receipt = receipt_in(self._receipt_file, self._files)
        if receipt is None:
            return None
        for page in receipt.pages:
            file = self.folder / page.file
            try:
                content = self._files.read(file)
            except (FileNotFoundError, UndecryptableError):
                return None
            digest.update(without_hashes(content))
            if digest.hexdigest() != page.digest:
                return None
        return receipt, digest

    @property
    def is_intact(self) -> bool:
        """Whether the pages on disk are, byte for byte, those that the receipt counts."""
        self._digest_all()
        return self._digest.hexdigest() == self.receipt.digest

    def _digest_all(self) -> None:
        for file in self._undigested:
            self._digest.update(without_hashes(self._files.read(file)))
        self._undigested = []

    def hashes(self, file: Path) -> Path | None:
        """The list of the hashes of a page's records; None if it was landed without."""
        listed = file.with_suffix(INDEX)
        return listed if listed.exists() else None

    @property
    def files(self) -> list[Path]:
        """The files of the pages that have records, in the order they were read."""
        return [self.folder / page.file for page in self.receipt.pages if page.records]

    @property
    def record_ids(self) -> list[str]:
        """The ID of each landed record, in the order they were read; one that is no text, which staging refuses, is left out."""
        lines = (line for file in self.files for line in self._files.read(file).split(b"\n")[:-1])
        found = [_identified.decode(line).id for line in lines]
        return list(dict.fromkeys(each for each in found if isinstance(each, str) and each))

    def land(
        self,
        *,
        lines: bytes,
        records: int,
        first_id: str | None,
        last_id: str | None,
        next_uri: str | None,
        body: str = "",
        repaired: tuple[str, ...] = (),
    ) -> None:
        """Keep one page: first its lines, then the receipt that counts it.

        A page without a next link completes the stream. ``body`` is what the answer is known by that the lines were made of,
        ``repaired`` the ids of the records whose text had to be repaired.
        """
        self._digest_all()
        self._digest.update(lines)
        content, hashes = with_hashes(lines) if self._is_hashed else (lines, None)
        page = LandedPage(
            file=self._next_file,
            records=records,
            bytes=len(lines),
            digest=self._digest.hexdigest(),
            checksum=xxhash.xxh3_128_hexdigest(content),
            body=body,
            first_id=first_id,
            last_id=last_id,
            next_uri=next_uri,
            repaired=repaired,
        )
        self._keep(page, content, hashes)

    def land_again(self, known: KnownPage, next_uri: str | None) -> None:
        """Keep a page that an earlier read has landed: nothing of it is computed again."""
        if self._is_hashed and known.hashes is None:
            raise ValueError("The page was landed without hashes.")
        digest = known.page.digest
        if known.number == len(self.receipt.pages) and self.receipt.digest == known.former_digest:
            self._undigested.append(self.folder / self._next_file)
        else:
            self._digest_all()
            self._digest.update(without_hashes(known.content))
            digest = self._digest.hexdigest()
        page = msgspec.structs.replace(known.page, file=self._next_file, digest=digest, next_uri=next_uri)
        if known.hashes is not None:
            self._link(known.hashes, (self.folder / page.file).with_suffix(INDEX))
        self._link(known.file, self.folder / page.file)
        self._count(page, known)

    @property
    def _next_file(self) -> str:
        return f"{self._prefix}{len(self.receipt.pages) + 1:05d}.ndjson"

    def _keep(self, page: LandedPage, content: bytes, hashes: bytes | None) -> None:
        file = self.folder / page.file
        if hashes is not None:
            self._files.write(file.with_suffix(INDEX), hashes)
        self._files.write(file, content)
        self._count(page)

    def _count(self, page: LandedPage, known: KnownPage | None = None) -> None:
        self.receipt.pages.append(page)
        self.receipt.first_id = self.receipt.first_id or page.first_id
        self.receipt.last_id = page.last_id or self.receipt.last_id
        self.receipt.next_uri = page.next_uri
        self.receipt.complete = page.next_uri is None
        if known and known.receipt == self.receipt and len(self.receipt.pages) == 1:
            # Most streams of a small district are one page. A new receipt for each costs more than reading it.
            self._link(known.receipt_file, self._receipt_file)
        else:
            self._files.write(self._receipt_file, msgspec.json.encode(self.receipt))

    def _link(self, source: Path, file: Path) -> None:
        """Give a file that is never changed another name; a copy where the file system has no hard links."""
        file.unlink(missing_ok=True)
        try:
            os.link(source, file)
        except OSError:
            self._files.write(file, self._files.read(source))
