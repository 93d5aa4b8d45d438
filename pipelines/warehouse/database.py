"""How a database is opened: one function for every file and every purpose, with the key of those that are encrypted."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import duckdb

from pipelines.encryption import Key
from pipelines.warehouse.errors import EncryptionError
from pipelines.warehouse.extensions import load_extension

ENCRYPTED_STORAGE: Final = "v1.4.0"
"""The storage format of encrypted files: no older one can be encrypted."""

OPENED: Final = "opened"
"""What an encrypted file is called in a connection of its own."""

_HEADER: Final = 21
"""Bytes of a DuckDB file up to its first flags, of which the lowest says whether it is encrypted."""


def open_database(
    file: Path | None = None,
    *,
    key: Key | None = None,
    read_only: bool = False,
    settings: Mapping[str, str | bool] = MappingProxyType({}),
) -> duckdb.DuckDBPyConnection:
    """Open a database, whose session shows instants in UTC.

    With a key, the connection is one to a database in memory, in which the file is attached and used. What is spilled is encrypted as
    well, with a key of the process.

    Args:
        file: The file; None for a new database in memory.
        key: The key of the file, or of those that will be attached; None if they are plain.
        read_only: Whether nothing may be written.
        settings: Settings of DuckDB, such as ``memory_limit``.

    Raises:
        EncryptionError: The file does not belong to the key.
        MissingExtensionError: What encrypts is not installed.
        duckdb.Error: DuckDB cannot open it.
    """
    config: dict[str, str | bool | int | float | list[str]] = dict(settings)
    if key is not None:
        config |= {
            "temp_file_encryption": True,
            "storage_compatibility_version": ENCRYPTED_STORAGE,
            "allow_unsigned_extensions": _is_httpfs_verified(),
        }
        if file is not None:
            config.setdefault("temp_directory", f"{file}.tmp")
    is_direct = file is not None and key is None
    with _explained(file, key):
        # As configuration: the storage format counts from the moment the file is created.
        connection = duckdb.connect(
            str(file) if is_direct else ":memory:", read_only=is_direct and read_only, config=config
        )
    try:
        connection.execute("SET TimeZone = 'UTC'")
        if key is not None:
            _load_httpfs(connection)
            if file is not None:
                # DuckDB raises the format of an encrypted file to its own newest one, unless the statement names another.
                attach(
                    connection, file, OPENED, key, read_only=read_only, storage=None if read_only else ENCRYPTED_STORAGE
                )
                connection.execute(f"USE {OPENED}")
    except BaseException:
        connection.close()
        raise
    return connection


def attach(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    name: str,
    key: Key | None,
    *,
    read_only: bool = True,
    storage: str | None = None,
) -> None:
    """Attach a database to a connection that was opened with the same key.

    Args:
        connection: To which.
        file: The file.
        name: What statements call it.
        key: Its key; None if it is plain.
        read_only: Whether nothing may be written.
        storage: The storage format of a new file; that of the connection if None.

    Raises:
        EncryptionError: The file does not belong to the key.
        duckdb.Error: DuckDB cannot open it.
    """
    options = {
        "READ_ONLY": "" if read_only else None,
        # As a parameter: no error quotes it, and no statement that is shown or logged has it.
        "ENCRYPTION_KEY": "?" if key else None,
        "STORAGE_VERSION": f"'{storage}'" if storage else None,
    }
    given = ", ".join(f"{option} {value}" for option, value in options.items() if value is not None)
    with _explained(file, key):
        connection.execute(
            f"ATTACH {quoted(file)} AS {name}{f' ({given})' if given else ''}", [key.for_duckdb] if key else None
        )


def copy_database(
    source: Path,
    file: Path,
    source_key: Key | None,
    key: Key | None,
    storage: str,
    settings: Mapping[str, str | bool],
) -> None:
    """Copy all tables, rows in their order, views, macros and comments of a closed database into a new file.

    Args:
        source: The database.
        file: The new file.
        source_key: The key of the database; None if it is plain.
        key: The key of the new file; None makes it plain.
        storage: The storage format of a plain file.
        settings: Settings of DuckDB.

    Raises:
        EncryptionError: The database does not belong to its key.
        duckdb.Error: DuckDB cannot.
    """
    with closing(open_database(key=key or source_key, settings=settings)) as connection:
        attach(connection, source, "source", source_key)
        attach(connection, file, "copy", key, read_only=False, storage=ENCRYPTED_STORAGE if key else storage)
        connection.execute("COPY FROM DATABASE source TO copy")
        connection.execute("CHECKPOINT copy")


@cache
def _is_httpfs_verified() -> bool:
    """Let DuckDB verify the signature of the extension once in a process: that takes a tenth of a second, in each of many connections."""
    with duckdb.connect() as connection:
        _load_httpfs(connection)
    return True


def _load_httpfs(connection: duckdb.DuckDBPyConnection) -> None:
    """Load the extension without which DuckDB writes nothing that is encrypted, and reads it at a fraction of the speed."""
    load_extension(connection, "httpfs", "CLEVER_ENCRYPTION_KEY_FILE", "encryption")


@contextmanager
def _explained(file: Path | None, key: Key | None) -> Iterator[None]:
    """Say in a sentence that a file and a key do not belong together."""
    try:
        yield
    except duckdb.Error as error:
        is_known = None if file is None else is_encrypted(file)
        if key is None and is_known:
            message = f"{file} is encrypted, and no key is set: set CLEVER_ENCRYPTION_KEY_FILE to the file of its key."
        elif key is not None and is_known is False:
            message = (
                f"{file} is not encrypted, and CLEVER_ENCRYPTION_KEY_FILE is set. To encrypt the warehouse, run `clever-warehouse rekey`; "
                "else remove the setting."
            )
        elif "Wrong encryption key" in str(error):
            message = (
                f"{file} is encrypted with another key than the one in CLEVER_ENCRYPTION_KEY_FILE. Set it to the file of the right key; if "
                "the key was just changed, run `clever-warehouse rekey`."
            )
        else:
            raise
        raise EncryptionError(message) from None


def is_encrypted(file: Path) -> bool | None:
    """Whether a DuckDB file is encrypted; None if there is no DuckDB file that can be read."""
    try:
        with file.open("rb") as opened:
            header = opened.read(_HEADER)
    except OSError:
        return None
    if header[8:12] != b"DUCK" or len(header) < _HEADER:
        return None
    return bool(header[-1] & 1)


def quoted(file: Path) -> str:
    """A file as a text of SQL."""
    return "'" + str(file).replace("'", "''") + "'"
