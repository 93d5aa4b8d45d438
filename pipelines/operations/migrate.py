"""How a warehouse moves from a file into a lake, and back: what arrives is compared row by row before anything uses it."""

import shutil
from pathlib import Path

from pipelines.progress import Report, Stage
from pipelines.warehouse import Warehouse
from pipelines.warehouse.errors import NothingPublishedError, OccupiedError, WarehouseError
from pipelines.warehouse.lake import LakeWarehouse
from pipelines.warehouse.lake.verify import differing


class NotEqualError(WarehouseError):
    """What arrived is not what was moved."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            f"The lake has other rows than the file in {', '.join(names)}, so do not use what was written: a sync may have committed "
            "meanwhile. Run the command again with an empty destination; if it fails the same way, please report it."
        )


def into_lake(file: Warehouse, lake: LakeWarehouse, report: Report) -> None:
    """Commit what a published file has to a lake in which nothing was committed yet.

    Raises:
        NotEqualError: the lake has other rows than the file.
        OccupiedError: the lake is not empty; nothing was changed.
        WarehouseError: there is no published file, or the lake cannot be reached; the next try goes on.
    """
    file.reading().close()
    lake.prepare()
    with file.held("migrate", report):
        try:
            lake.require_published()
        except NothingPublishedError:
            pass
        else:
            message = f"There are rows in {lake.lake.name} already, so nothing was migrated: name an empty database and an empty place."
            raise OccupiedError(message)
        with lake.held_in_lake(report):
            report(Stage("creating the lake"))
            lake.begin(report)
            report(Stage("committing"))
            lake.take(file.published, "migrate", report)
            report(Stage("verifying"))
            if names := differing(lake.lake, file.published):
                raise NotEqualError(names)


def into_file(lake: LakeWarehouse, file: Warehouse, report: Report) -> Path:
    """Publish what a lake has as a file, where there is none; gives its place.

    Raises:
        NotEqualError: the lake has other rows than the file; nothing was published.
        OccupiedError: there is a published file; nothing was changed.
        WarehouseError: nothing is in the lake, or it cannot be reached; nothing was published.
    """
    lake.require_published()
    lake.prepare()
    with lake.held("migrate", report):
        if file.published.exists():
            message = f"{file.published} exists, so nothing was migrated: set CLEVER_WAREHOUSE_DIR to another folder, or move it away."
            raise OccupiedError(message)
        report(Stage("reading the lake"))
        lake.begin(report)
        report(Stage("verifying"))
        if names := differing(lake.lake, lake.published):
            raise NotEqualError(names)
        file.put_beside(file.published, lambda place: _copy(lake.published, place))
        file.forget_work()
    return file.published


def _copy(source: Path, place: Path) -> None:
    shutil.copyfile(source, place)
