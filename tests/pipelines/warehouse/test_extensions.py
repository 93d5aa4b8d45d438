"""Extensions of DuckDB are loaded from installed packages, and one that is missing is a sentence."""

import duckdb
import pytest

from pipelines.warehouse.errors import MissingExtensionError
from pipelines.warehouse.extensions import load_extension


@pytest.mark.parametrize("name", ["ducklake", "httpfs", "postgres_scanner"])
def test_an_installed_extension_is_loaded(name: str) -> None:
    with duckdb.connect() as connection:
        load_extension(connection, name, "CLEVER_WAREHOUSE", "lake")
        [(is_loaded,)] = connection.execute(
            "SELECT loaded FROM duckdb_extensions() WHERE extension_name = ?", [name]
        ).fetchall()
    assert is_loaded


def test_a_missing_extension_is_named_with_what_to_install() -> None:
    with duckdb.connect() as connection, pytest.raises(MissingExtensionError) as caught:
        load_extension(connection, "spatial", "CLEVER_WAREHOUSE", "lake")
    assert str(caught.value) == (
        f"CLEVER_WAREHOUSE needs the extension spatial for DuckDB {duckdb.__version__}, which is not installed. "
        "Run `pip install 'clever-warehouse[lake]'`."
    )
