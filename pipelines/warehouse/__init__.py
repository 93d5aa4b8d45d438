"""Keeps rosters in DuckDB: snapshots staged, verified, compared, applied and published in tables derived from the declarations."""

from pipelines.warehouse.clock import Clock, MachineClock, machine_clock
from pipelines.warehouse.difference import Archived, Counts, Difference, Differences, RoleChange
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
from pipelines.warehouse.findings import Findings
from pipelines.warehouse.ledger import Decision, Ledger, Waiting
from pipelines.warehouse.session import Session
from pipelines.warehouse.shape import Shape, fault
from pipelines.warehouse.staging import Page, Staging
from pipelines.warehouse.store import Warehouse

__all__ = [
    "Archived",
    "Clock",
    "Counts",
    "DamagedError",
    "Decision",
    "Difference",
    "Differences",
    "DiskFullError",
    "Findings",
    "Ledger",
    "MachineClock",
    "NewerSchemaError",
    "NotPublishedError",
    "NothingPublishedError",
    "OlderSchemaError",
    "Page",
    "RecordError",
    "RoleChange",
    "Session",
    "Shape",
    "Staging",
    "StatementError",
    "UnknownHoldError",
    "UnreadableError",
    "UnusableFolderError",
    "Waiting",
    "Warehouse",
    "WarehouseError",
    "WorkDatabaseOpenError",
    "fault",
    "machine_clock",
]
