"""Which data-quality rules there are: a file of sql/checks each, whose query gives the records that break the rule."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipelines.warehouse.statements import FOLDER


@dataclass(frozen=True, slots=True)
class Check:
    """A rule on the rows of one table."""

    table: str
    name: str
    description: str
    """The rule as a sentence: the file's first line."""
    severity: str
    """error or warning: the file's second line."""
    query: str
    """Gives district_id and record_id of each record that breaks the rule, and related_id if the finding is about another record
    too. A record may come more than once, but only with one related_id.
    """


@cache
def checks() -> tuple[Check, ...]:
    """Every rule, by table and name."""
    return tuple(
        _read(table.name, file.stem, file.read_text(encoding="utf-8"))
        for table in _folders()
        for file in sorted(table.glob("*.sql"))
    )


def _folders() -> list[Path]:
    return sorted(folder for folder in (FOLDER / "checks").iterdir() if folder.is_dir())


def _read(table: str, name: str, text: str) -> Check:
    heading = re.match(r"-- (?P<description>[^\n]+)\n-- severity: (?P<severity>error|warning)\n", text)
    if heading is None:
        message = f"sql/checks/{table}/{name}.sql must begin with a line that says the rule and a line `-- severity: error` or `warning`."
        raise ValueError(message)
    return Check(
        table=table,
        name=name,
        description=heading["description"],
        severity=heading["severity"],
        query=text[heading.end() :].strip().rstrip(";"),
    )
