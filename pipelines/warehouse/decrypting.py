"""How DuckDB reads encrypted files that are no databases: through a file system that decrypts each into memory when it is opened."""

import io
from pathlib import Path
from typing import Any

from fsspec import AbstractFileSystem

from pipelines.encryption import OVERHEAD, PROTOCOL, Files


class Decrypting(AbstractFileSystem):  # type: ignore[misc] # fsspec has no types
    """The local files, read-only and by their full names, without patterns."""

    protocol = PROTOCOL
    cachable = False

    def __init__(self, files: Files) -> None:
        super().__init__()
        self._files = files

    def _open(self, path: str, *_: Any, **__: Any) -> io.BytesIO:
        return io.BytesIO(self._files.read(self._file(path)))

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """What DuckDB asks of a file before it opens it."""
        return {"name": path, "type": "file", "size": self._file(path).stat().st_size - OVERHEAD}

    def glob(self, path: str, **_: Any) -> list[str]:
        """The file itself."""
        return [path]

    def _file(self, path: str) -> Path:
        return Path(self._strip_protocol(path))
