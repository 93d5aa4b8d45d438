"""Keeps rosters in DuckDB: tables declared once, snapshots staged, proven, compared, applied and published."""

from pipelines.warehouse.errors import NothingPublishedError, StatementError, WarehouseError, WorkDatabaseOpenError
from pipelines.warehouse.store import Warehouse
from pipelines.warehouse.work import Counts, Work

__all__ = [
    "Counts",
    "NothingPublishedError",
    "StatementError",
    "Warehouse",
    "WarehouseError",
    "Work",
    "WorkDatabaseOpenError",
]
