"""Keeps rosters in DuckDB: tables declared once, snapshots staged, proven, compared, applied and published."""

from pipelines.warehouse.errors import (
    DamagedError,
    DiskFullError,
    NewerSchemaError,
    NothingPublishedError,
    NotPublishedError,
    OlderSchemaError,
    StatementError,
    UnknownHoldError,
    UnreadableError,
    UnusableFolderError,
    WarehouseError,
    WorkDatabaseOpenError,
)
from pipelines.warehouse.session import Session
from pipelines.warehouse.store import Warehouse
from pipelines.warehouse.work import Counts, Decision, Difference, RoleChange, Waiting, Work

__all__ = [
    "Counts",
    "DamagedError",
    "Decision",
    "Difference",
    "DiskFullError",
    "NewerSchemaError",
    "NotPublishedError",
    "NothingPublishedError",
    "OlderSchemaError",
    "RoleChange",
    "Session",
    "StatementError",
    "UnknownHoldError",
    "UnreadableError",
    "UnusableFolderError",
    "Waiting",
    "Warehouse",
    "WarehouseError",
    "Work",
    "WorkDatabaseOpenError",
]
