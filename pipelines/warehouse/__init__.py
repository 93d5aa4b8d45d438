"""Keeps rosters in DuckDB: snapshots staged, verified, compared, applied and published in tables derived from the declarations."""

from pipelines.warehouse.clock import Clock, MachineClock, machine_clock
from pipelines.warehouse.difference import Archived, Counts, Difference, Differences, RoleChange
from pipelines.warehouse.errors import (
    DamagedError,
    DiskFullError,
    EncryptionError,
    ExportRefusedError,
    ForeignHostError,
    KeyFileError,
    NewerSchemaError,
    NothingPublishedError,
    NotPublishedError,
    OccupiedError,
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
from pipelines.warehouse.freshness import Freshness
from pipelines.warehouse.ledger import Cursor, Decision, Ledger
from pipelines.warehouse.present import Decidable, HeldSnapshot, LatestRun, Present, held_snapshots
from pipelines.warehouse.session import Session
from pipelines.warehouse.shape import Shape, fault
from pipelines.warehouse.staging import Page, Staging
from pipelines.warehouse.store import Warehouse

__all__ = [
    "Archived",
    "Clock",
    "Counts",
    "Cursor",
    "DamagedError",
    "Decidable",
    "Decision",
    "Difference",
    "Differences",
    "DiskFullError",
    "EncryptionError",
    "ExportRefusedError",
    "Findings",
    "ForeignHostError",
    "Freshness",
    "HeldSnapshot",
    "KeyFileError",
    "LatestRun",
    "Ledger",
    "MachineClock",
    "NewerSchemaError",
    "NotPublishedError",
    "NothingPublishedError",
    "OccupiedError",
    "OlderSchemaError",
    "Page",
    "Present",
    "RecordError",
    "RoleChange",
    "Session",
    "Shape",
    "Staging",
    "StatementError",
    "UnknownHoldError",
    "UnreadableError",
    "UnusableFolderError",
    "Warehouse",
    "WarehouseError",
    "WorkDatabaseOpenError",
    "fault",
    "held_snapshots",
    "machine_clock",
]
