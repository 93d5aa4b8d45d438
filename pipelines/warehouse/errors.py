"""What can go wrong in the warehouse.

    WarehouseError
    ├── StatementError          DuckDB could not run a statement
    │   └── RecordError           a record has another shape than the columns expect
    ├── DamagedError            the work database is damaged
    ├── NewerSchemaError        a newer version of clever-warehouse wrote the warehouse
    ├── OlderSchemaError        an earlier version wrote it, and no sync has migrated it yet
    ├── DiskFullError           there is no room for what was to be written
    ├── EncryptionError         a file and the key do not belong together
    ├── ForeignHostError        Clever is asked at another host than that of the districts in the warehouse
    ├── ExportRefusedError      what was asked for cannot be exported, or not to that place
    ├── KeyFileError            a file that should hold a secret key holds none, or others may read it
    ├── LakeError               a lake cannot be reached, or refuses what is committed to it
    ├── MissingExtensionError   an extension of DuckDB that a setting needs is not installed
    ├── NoFileError             what only a published file can be used for was asked of a lake
    ├── NothingPublishedError   there is no published file (yet, or to roll back to)
    ├── NotPublishedError       the finished file could not be put in place
    ├── OccupiedError           a restore would replace what the warehouse has
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

    def __init__(self) -> None:
        super().__init__(
            "An earlier version of clever-warehouse wrote the published file. Run `clever-warehouse sync` first: it migrates the warehouse "
            "and keeps all data."
        )


class DiskFullError(WarehouseError):
    """There is no room for what was to be written; nothing was changed."""

    def __init__(self, place: str = "the warehouse") -> None:
        super().__init__(
            f"The disk of {place} is full, or a quota or a limit of file sizes is reached: nothing was changed, and "
            "the published data is unchanged. Free some disk space, then run the command again."
        )


class EncryptionError(WarehouseError):
    """A file is encrypted with another key, or with none, or there is no key for it; nothing was changed."""


class ForeignHostError(WarehouseError):
    """Clever is asked at another host than that of the districts in the warehouse; nothing was read or changed."""

    def __init__(self, recorded: str, asked: str) -> None:
        super().__init__(
            f"The districts of this warehouse come from {recorded}, and CLEVER_API_URL leads to {asked}, so nothing was read or changed: "
            f"set CLEVER_WAREHOUSE_DIR to another folder for {asked}, or CLEVER_HOST_CHANGE=accept if these are the same districts."
        )


class ExportRefusedError(WarehouseError):
    """What was asked for cannot be exported, or not to that place; no file was written."""


class KeyFileError(WarehouseError):
    """A file that should hold a secret key holds none, others may read it, or it cannot be read or created."""


class LakeError(WarehouseError):
    """A lake cannot be reached, or refuses what is committed to it."""


class MissingExtensionError(WarehouseError):
    """An extension of DuckDB that a setting needs is not installed."""


class NoFileError(WarehouseError):
    """What only a published file can be used for was asked of a lake; nothing was done."""

    def __init__(self, command: str, instead: str) -> None:
        super().__init__(
            f"`clever-warehouse {command}` works with a published file, and CLEVER_WAREHOUSE names a lake: {instead}."
        )


class NothingPublishedError(WarehouseError):
    """There is no published file."""


class NotPublishedError(WarehouseError):
    """The finished file could not be put in place; the published one is as it was."""


class OccupiedError(WarehouseError):
    """A restore would replace what the warehouse has; nothing was changed."""


class UnknownHoldError(WarehouseError):
    """No such snapshot is held; nothing was changed."""


class UnreadableError(WarehouseError):
    """The published file cannot be opened."""


class UnusableFolderError(WarehouseError):
    """The folder cannot hold a warehouse; nothing was begun."""


class WorkDatabaseOpenError(WarehouseError):
    """Another program holds the private work database open."""
