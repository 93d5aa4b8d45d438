"""Whether a lake has exactly the rows of a file."""

from contextlib import closing
from pathlib import Path
from string import Template

from pipelines.warehouse.database import attach
from pipelines.warehouse.lake.lake import ALIAS, Lake
from pipelines.warehouse.lake.relations import lake_tables
from pipelines.warehouse.statements import statement


def differing(lake: Lake, file: Path) -> list[str]:
    """The tables of which a lake has other rows than a file of the same schema version, in the order they are declared.

    Raises:
        LakeError: the lake cannot be reached.
    """
    found = []
    with closing(lake.open(read_only=True)) as connection, lake.translated():
        attach(connection, file, "file", lake.key)
        for table in lake_tables():
            rows = table.rows_of("file")
            # The columns of a lake that was migrated may be in another order.
            columns = connection.execute(f"DESCRIBE {rows}").fetchall()
            listed = ", ".join(f'"{column}"' for column, *_ in columns)
            text = Template(statement("lake/difference")).substitute(
                written=rows, former=f"SELECT {listed} FROM {ALIAS}.{table.name}", condition=""
            )
            connection.execute(text)
            if connection.execute("SELECT count(*) > 0 FROM difference").fetchall() == [(True,)]:
                found.append(table.relation)
    return found
