"""Write the report of what is published: a page beside the published file, or in a file of the operator's choice."""

import tempfile
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path

import jinja2

from pipelines.disk import is_full
from pipelines.operations.report.figures import Figures, read
from pipelines.progress import Notice, Report
from pipelines.warehouse import Warehouse, WarehouseError

_BEGINNING = "<!doctype html>"
"""How a report begins."""


class NotAReportError(Exception):
    """A file of another kind is where the report is to be written; it is unchanged."""


def place(warehouse: Warehouse) -> Path:
    """The report that every command that publishes writes."""
    return warehouse.folder / "report.html"


def write(warehouse: Warehouse, file: Path | None = None) -> Path:
    """Write the report of the published file, and give its place; an earlier report is replaced by one rename.

    Raises:
        WarehouseError: nothing is published, or it cannot be read.
        NotAReportError: the file is there, and is no report.
        OSError: the file cannot be written.
    """
    target = file or place(warehouse)
    if target.exists() and not _is_report(target):
        message = f"{target} exists and is not a report, so it was not replaced. Name another file with --output."
        raise NotAReportError(message)
    published = warehouse.publication()
    while True:
        with warehouse.reading() as connection:
            figures = read(connection, warehouse.state_of_published().bytes, warehouse.now())
        _put(target, render(figures), warehouse.mode_of_published & 0o044 | 0o600)
        # A sync that published meanwhile has written its own report: this one must not take its place.
        former, published = published, warehouse.publication()
        if published == former:
            return target


def refresh(warehouse: Warehouse, report: Report) -> None:
    """Write the report beside the file that was just published; a failure is a notice, and nothing else fails by it."""
    try:
        write(warehouse)
    except Exception as error:  # noqa: BLE001 (the data is published: whatever is wrong with a page must not undo that)
        report(Notice(f"The report {place(warehouse)} was not written ({_reason(error)}). The data is published."))


def render(figures: Figures) -> str:
    """The page that shows the figures."""
    return _template().render(figures=figures)


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["instant"] = _instant
    return environment.get_template("page.html.jinja")


def _instant(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC" if instant else "never"


def _is_report(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(_BEGINNING)) == _BEGINNING.encode()


def _put(target: Path, page: str, mode: int) -> None:
    """Replace a file by one rename: a reader sees the former page or the new one."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    written = Path(name)
    try:
        with open(descriptor, "w", encoding="utf-8") as opened:  # noqa: PTH123 (a descriptor, no path)
            opened.write(page)
        with suppress(OSError):  # of a file system that keeps no modes
            written.chmod(mode)
        written.replace(target)
    finally:
        written.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    """Why the report was not written, without data."""
    if isinstance(error, OSError):
        return "the disk is full" if is_full(error) else str(error.strerror)
    return str(error).rstrip(".") if isinstance(error, WarehouseError | NotAReportError) else type(error).__name__
