"""Keeps rosters in DuckDB: tables declared once, snapshots staged, proven, compared, applied and published."""

from pipelines.warehouse.clock import Clock, MachineClock, machine_clock
from pipelines.warehouse.errors import (
    DamagedError,
    DiskFullError,
    NewerSchemaError,
    NothingPublishedError,
    NotPublishedError,
    OlderSchemaError,
    RecordError,
    StatementError,
    UnknownHoldError,
    UnreadableError,
    UnusableFolderError,
    WarehouseError,
    WorkDatabaseOpenError,
)
from pipelines.warehouse.session import Session
from pipelines.warehouse.shape import Shape, fault
from pipelines.warehouse.store import Warehouse
from pipelines.warehouse.work import Archived, Counts, Decision, Difference, RoleChange, Waiting, Work

__all__ = [
    "Archived",
    "Clock",
    "Counts",
    "DamagedError",
    "Decision",
    "Difference",
    "DiskFullError",
    "MachineClock",
    "NewerSchemaError",
    "NotPublishedError",
    "NothingPublishedError",
    "OlderSchemaError",
    "RecordError",
    "RoleChange",
    "Session",
    "Shape",
    "StatementError",
    "UnknownHoldError",
    "UnreadableError",
    "UnusableFolderError",
    "Waiting",
    "Warehouse",
    "WarehouseError",
    "Work",
    "WorkDatabaseOpenError",
    "fault",
    "machine_clock",
]
