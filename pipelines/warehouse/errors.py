"""What can go wrong in the warehouse.

    WarehouseError
    ├── StatementError          DuckDB could not run a statement
    │   └── RecordError           a record has another shape than the columns expect
    ├── DamagedError            the work database is damaged
    ├── NewerSchemaError        a newer version of clever-warehouse wrote the warehouse
    ├── OlderSchemaError        an earlier version wrote it, and no sync has migrated it yet
    ├── DiskFullError           there is no room for what was to be written
    ├── NothingPublishedError   there is no published file (yet, or to roll back to)
    ├── NotPublishedError       the finished file could not be put in place
    ├── UnknownHoldError        no such snapshot is held
    ├── UnreadableError         the published file cannot be opened
    ├── UnusableFolderError     the folder cannot hold a warehouse
    └── WorkDatabaseOpenError   another program holds the private work database open

No message holds a value from a row: DuckDB's own messages may quote data, so only its word for the kind of error
is passed on.
"""


class WarehouseError(Exception):
    """The root of the tree."""


class StatementError(WarehouseError):
    """DuckDB could not run a statement; the message names the statement and the kind of error."""


class RecordError(StatementError):
    """A record has another shape than the columns expect; the message names the record and the field, never a value."""


class DamagedError(WarehouseError):
    """The work database is damaged; it can be made again from the published file."""


class NewerSchemaError(WarehouseError):
    """A newer version of clever-warehouse wrote the warehouse; nothing was changed."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            f"A newer version of clever-warehouse wrote this warehouse (schema version {found}; this version knows {known}). "
            "Nothing was changed. Upgrade clever-warehouse, or set CLEVER_WAREHOUSE_DIR to another folder."
        )


class OlderSchemaError(WarehouseError):
    """An earlier version of clever-warehouse wrote the published file, and no sync has migrated it yet."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            f"An earlier version of clever-warehouse wrote the published file (schema version {found}; this version reads {known}). "
            "Run `clever-warehouse sync` first: it migrates the warehouse and keeps all data."
        )


class DiskFullError(WarehouseError):
    """There is no room for what was to be written; nothing was changed."""

    def __init__(self) -> None:
        super().__init__(
            "The disk of the warehouse is full, or a quota or a limit of file sizes is reached: nothing was changed, and "
            "the published data is unchanged. Free some disk space, then run the command again."
        )


class NothingPublishedError(WarehouseError):
    """There is no published file."""


class NotPublishedError(WarehouseError):
    """The finished file could not be put in place; the published one is as it was."""


class UnknownHoldError(WarehouseError):
    """No such snapshot is held; nothing was changed."""


class UnreadableError(WarehouseError):
    """The published file cannot be opened."""


class UnusableFolderError(WarehouseError):
    """The folder cannot hold a warehouse; nothing was begun."""


class WorkDatabaseOpenError(WarehouseError):
    """Another program holds the private work database open."""
