"""What can go wrong in the warehouse.

    WarehouseError
    ├── StatementError       DuckDB could not run a statement
    ├── NothingPublishedError   there is no published file yet
    └── WorkDatabaseOpenError   another program holds the private work database open

No message holds a value from a row: DuckDB's own messages may quote data, so only its word for the kind of error is passed on.
"""


class WarehouseError(Exception):
    """The root of the tree."""


class StatementError(WarehouseError):
    """DuckDB could not run a statement; the message names the statement, the kind of error and what to do."""


class NothingPublishedError(WarehouseError):
    """There is no published file yet."""


class WorkDatabaseOpenError(WarehouseError):
    """Another program holds the private work database open."""
