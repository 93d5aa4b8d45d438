"""How one stream of one district is landed: a file per page, and a receipt that says how far the read has come."""

import hashlib
from pathlib import Path

import msgspec
import xxhash

RECEIPT = "receipt.json"
"""Name of the receipt in a feed's folder."""


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


def receipt_in(folder: Path) -> Receipt | None:
    """The receipt of the stream that was landed in a folder; None if there is none that can be read."""
    try:
        return msgspec.json.decode((folder / RECEIPT).read_bytes(), type=Receipt)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


class LandedStream:
    """One stream as an earlier read has landed it, which knows what was made of each answer."""

    def __init__(self, folder: Path, receipt: Receipt) -> None:
        self.receipt = receipt
        self._folder = folder
        self._by_body = {page.body: page for page in receipt.pages if page.body}

    def made_of(self, body: str) -> tuple[LandedPage, bytes] | None:
        """The page that was made of an answer, and its lines; None if there is none, or its file is not what it was."""
        page = self._by_body.get(body)
        if page is None:
            return None
        try:
            lines = (self._folder / page.file).read_bytes()
        except OSError:
            return None
        return (page, lines) if xxhash.xxh3_128_hexdigest(lines) == page.checksum else None


class StreamLanding:
    """The folder of one stream in one read; resumes after the last complete page of an earlier attempt."""

    def __init__(self, folder: Path, stream: str) -> None:
        self.folder = folder
        self._receipt_file = folder / RECEIPT
        folder.mkdir(parents=True, exist_ok=True)
        self.receipt, self._digest = self._remembered() or (Receipt(stream=stream), hashlib.sha256())

    def _remembered(self) -> "tuple[Receipt, hashlib._Hash] | None":
        """The receipt of an earlier try and the digest so far, if every page it names is there, byte for byte."""
        digest = hashlib.sha256()
        receipt = receipt_in(self.folder)
        if receipt is None:
            return None
        for page in receipt.pages:
            file = self.folder / page.file
            if not file.is_file():
                return None
            digest.update(file.read_bytes())
            if digest.hexdigest() != page.digest:
                return None
        return receipt, digest

    @property
    def is_intact(self) -> bool:
        """Whether the pages on disk are, byte for byte, those that the receipt counts."""
        return self._digest.hexdigest() == self.receipt.digest

    @property
    def files(self) -> list[Path]:
        """The files of the pages that have records, in the order they were read."""
        return [self.folder / page.file for page in self.receipt.pages if page.records]

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
        file = f"{len(self.receipt.pages) + 1:05d}.ndjson"
        self._digest.update(lines)
        self._write(self.folder / file, lines)
        self.receipt.pages.append(
            LandedPage(
                file=file,
                records=records,
                bytes=len(lines),
                digest=self._digest.hexdigest(),
                checksum=xxhash.xxh3_128_hexdigest(lines),
                body=body,
                first_id=first_id,
                last_id=last_id,
                next_uri=next_uri,
                repaired=repaired,
            )
        )
        self.receipt.first_id = self.receipt.first_id or first_id
        self.receipt.last_id = last_id or self.receipt.last_id
        self.receipt.next_uri = next_uri
        self.receipt.complete = next_uri is None
        self._write(self._receipt_file, msgspec.json.encode(self.receipt))

    def _write(self, file: Path, content: bytes) -> None:
        """A file is there whole or not at all: written under another name, then renamed."""
        partial = file.with_name(f"{file.name}.partial")
        partial.write_bytes(content)
        partial.replace(file)
