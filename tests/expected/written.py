"""Which rows does a test give a warehouse itself? A new warehouse file without rows, and short ways to add records of a roster to it.

IDs are words, and a record has only the columns that the test is about: the others are NULL, lists are empty.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa

from pipelines.progress import silent
from pipelines.warehouse import machine_clock, schema, tables
from pipelines.warehouse.statements import statement

Row = tuple[Any, ...]

DISTRICT = "district"
"""The district of every row that names no other."""

SEEN_AT = datetime(2026, 8, 1, tzinfo=UTC)
"""When the warehouse first saw every row."""

ROLE_TABLES = {
    "student": "students",
    "teacher": "teachers",
    "staff": "staff",
    "district_admin": "district_admins",
    "contact": "contacts",
}


def question_text(question: str, **variables: object) -> str:
    """Return the text of a question of sql/queries; the variables take the place of those at the top of the file."""
    text = statement(f"queries/{question}")
    for name, value in variables.items():
        text, found = re.subn(rf"(?m)^SET VARIABLE {name} = .*;$", f"SET VARIABLE {name} = '{value}';", text)
        assert found == 1, f"{question} has no variable {name}"
    return text


class Written:
    """A warehouse file that is open for writing."""

    def __init__(self, file: Path) -> None:
        """Create the file, or open it."""
        self.connection = duckdb.connect(str(file))
        self.connection.execute("SET TimeZone = 'UTC'")
        schema.ensure(self.connection, machine_clock, silent)

    @property
    def today(self) -> date:
        """The date in the time zone of the session."""
        ((today,),) = self.connection.execute("SELECT current_date").fetchall()
        return date.fromisoformat(str(today))

    def add(self, table: str, **columns: object) -> None:
        """Insert one row."""
        declared = tables.metadata.tables[table]
        row: dict[str, object] = {
            column.name: [] for column in declared.columns if isinstance(column.type, sa.ARRAY) and not column.nullable
        }
        row |= {
            "district_id": DISTRICT,
            "first_seen_at": SEEN_AT,
            "valid_from": SEEN_AT,
            "change": "created",
            **columns,
        }
        names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
        self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))

    def person(self, user_id: str, roles: Mapping[str, Mapping[str, object]], **columns: object) -> None:
        """Insert a person: the columns of each role, and those of users."""
        district = {"district_id": columns.get("district_id", DISTRICT)}
        self.add("users", user_id=user_id, roles=sorted(roles), **columns)
        for role, held in roles.items():
            self.add(ROLE_TABLES[role], user_id=user_id, **held, **district)
            common = {
                name: held[name] for name in ("legacy_id", "sis_id", "title", "school_id", "school_ids") if name in held
            }
            self.add("user_roles", user_id=user_id, role=role, **common, **district)

    def student(self, user_id: str, *schools: str, first_name: str | None = None, **columns: object) -> None:
        """Insert a student, the first of whose schools is the primary one."""
        held = {"school_id": schools[0] if schools else None, "school_ids": sorted(schools), **columns}
        self.person(user_id, {"student": held}, first_name=first_name)

    def teacher(self, user_id: str, *schools: str, last_name: str | None = None, **columns: object) -> None:
        """Insert a teacher, the first of whose schools is the primary one."""
        held = {"school_id": schools[0] if schools else None, "school_ids": sorted(schools), **columns}
        self.person(user_id, {"teacher": held}, last_name=last_name)

    def section(
        self, section_id: str, *, students: Iterable[str] = (), teachers: Iterable[str] = (), **columns: object
    ) -> None:
        """Insert a section with its members; the primary teacher is the one whom ``teacher_id`` names."""
        district = {"district_id": columns.get("district_id", DISTRICT)}
        self.add("sections", section_id=section_id, **columns)
        for student in students:
            self.add("section_students", section_id=section_id, student_id=student, **district)
        for teacher in teachers:
            is_primary = teacher == columns.get("teacher_id")
            self.add("section_teachers", section_id=section_id, teacher_id=teacher, is_primary=is_primary, **district)

    def rows(self, query: str) -> list[Row]:
        """Return the rows of a query, with lists as tuples."""
        found = self.connection.execute(query).fetchall()
        return [tuple(tuple(value) if isinstance(value, list) else value for value in row) for row in found]

    def answer(self, question: str, **variables: object) -> list[Row]:
        """Return the answer to a question of sql/queries, with lists as tuples."""
        return self.rows(question_text(question, **variables))
