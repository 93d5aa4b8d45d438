"""How an extension of DuckDB's is loaded: from the Python package that holds it, so that no machine needs a connection for it."""

import importlib.util
from pathlib import Path

import duckdb

from pipelines.warehouse.errors import MissingExtensionError


def load_extension(connection: duckdb.DuckDBPyConnection, name: str, needed_by: str, extra: str) -> None:
    """Load an extension of DuckDB's, such as ``httpfs``, from its package.

    Args:
        connection: The connection; the extension serves every connection to the same instance of DuckDB.
        name: The name of the extension.
        needed_by: The setting or command that needs it, for the error.
        extra: The optional dependencies of clever-warehouse that have it, for the error.

    Raises:
        MissingExtensionError: the package is not installed, or holds the extension for another version of DuckDB.
    """
    file = extension_file(name)
    if file is None:
        message = (
            f"{needed_by} needs the extension {name} for DuckDB {duckdb.__version__}, which is not installed. "
            f"Run `pip install 'clever-warehouse[{extra}]'`."
        )
        raise MissingExtensionError(message)
    connection.execute(f"LOAD '{str(file).replace(chr(39), chr(39) * 2)}'")


def extension_file(name: str) -> Path | None:
    """The file of an extension for the installed DuckDB; None if no package holds it."""
    package = importlib.util.find_spec(f"duckdb_extension_{name}")
    for folder in (package.submodule_search_locations or ()) if package else ():
        file = Path(folder) / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
        if file.exists():
            return file
    return None
