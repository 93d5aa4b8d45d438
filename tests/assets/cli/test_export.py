"""The command export: real files, read back by DuckDB and by Python's csv, as other tools and spreadsheets read them."""

import csv
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from typer.testing import Result

from pipelines.progress import silent
from pipelines.warehouse import tables

if TYPE_CHECKING:
    from pipelines.warehouse import Session
    from tests.conftest import Trial

Run = Callable[..., Result]

PUBLISHED = [tables.relation_name(table) for table in tables.published()]

SENT = {
    "sis_id": "00123",
    "student_number": "12345678901234567890",
    "state_id": "5e1234567890123456789012",
    "graduation_year": "1-2",
    "location.address": "1 Elm St\r\nApt. 2",
    "location.city": "Sept 2",
    "location.lon": "-73.98",
    "location.zip": "TRUE",
    "preferred_name.first": '=HYPERLINK("http://x.example","pay")',
    "preferred_name.middle": "\u200b@sum(1+1)|cmd",
    "preferred_name.last": "O'Neil-“Ødegård”, Jr.",
}
"""Texts of a student that a spreadsheet would convert, run, or take apart, by Clever field."""

SHOWN = {
    "sis_id": '="00123"',
    "student_number": '="12345678901234567890"',
    "state_id": '="5e1234567890123456789012"',
    "graduation_year": '="1-2"',
    "location_address": "1 Elm St Apt. 2",
    "location_city": '="Sept 2"',
    "location_lon": '="-73.98"',
    "location_zip": '="TRUE"',
    "preferred_first_name": '\'=HYPERLINK("http://x.example","pay")',
    "preferred_middle_name": "'\u200b@sum(1+1)|cmd",
    "preferred_last_name": "O'Neil-“Ødegård”, Jr.",
}
"""The same in a CSV file for a spreadsheet, by column."""


def rows(file: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file, as Python reads it."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened, strict=True))


def of(user_id: str, found: list[dict[str, str]]) -> dict[str, str]:
    """Return the one row of a user."""
    (row,) = (row for row in found if row["user_id"] == user_id)
    return row


def differences(trial: "Trial", relation: str, exported: str) -> tuple[int, int]:
    """Count the rows that only the warehouse has, and those that only the exported file has."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"ATTACH '{trial.warehouse.published}' AS warehouse (READ_ONLY)")
        connection.execute("USE warehouse")
        described = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE FROM {relation})").fetchall()
        lists = {name for name, type_ in described if type_.endswith("[]")}
        if exported.endswith(".csv"):
            types = {name: "VARCHAR" if name in lists else type_ for name, type_ in described}
            chosen = ", ".join(
                f'''from_json("{name}", '["VARCHAR"]') AS "{name}"''' if name in lists else f'"{name}"'
                for name, _ in described
            )
            exported = (
                f"(SELECT {chosen} FROM read_csv('{exported}', header = true, auto_detect = false, columns = {types}))"
            )
        else:
            exported = f"(SELECT * FROM read_parquet('{exported}'))"
        counted = [
            connection.execute(f"SELECT count(*) FROM (FROM {one} EXCEPT ALL FROM {other})").fetchall()[0][0]
            for one, other in ((relation, exported), (exported, relation))
        ]
    return counted[0], counted[1]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_every_published_table_and_view_is_read_back_as_it_is(run: Run, trial: "Trial", form: str) -> None:
    trial.sync()
    result = run("export", form, *PUBLISHED, "--to", "out")
    assert result.exit_code == 0, result.output
    assert sorted(file.name for file in Path("out").iterdir()) == sorted(f"{name}.{form}" for name in PUBLISHED)
    assert {name: differences(trial, name, f"out/{name}.{form}") for name in PUBLISHED} == dict.fromkeys(
        PUBLISHED, (0, 0)
    )


def test_parquet_keeps_the_types(run: Run, trial: "Trial") -> None:
    trial.sync()
    run("export", "parquet", "students", "--to", "out")
    types = dict(duckdb.sql("SELECT column_name, column_type FROM (DESCRIBE FROM 'out/students.parquet')").fetchall())
    assert types == dict(trial.rows("SELECT column_name, column_type FROM (DESCRIBE FROM students)"))


def test_csv_keeps_texts_and_a_spreadsheet_file_protects_them(run: Run, trial: "Trial") -> None:
    student = trial.person("student")
    trial.version = "v3.1"
    trial.sandbox.change(student, {f"roles.student.{path}": value for path, value in SENT.items()})
    trial.sync()
    assert run("export", "csv", "students", "--to", "plain").exit_code == 0
    plain = of(student, rows(Path("plain", "students.csv")))
    assert [plain[column] for column in SHOWN] == list(SENT.values())
    assert run("export", "csv", "--spreadsheet", "students", "--to", "sheet").exit_code == 0
    sheet = of(student, rows(Path("sheet", "students.csv")))
    assert {column: sheet[column] for column in SHOWN} == SHOWN


def test_a_spreadsheet_file_has_words_for_truth_values_and_utc_times_and_lists_as_text(
    run: Run, trial: "Trial"
) -> None:
    student, other = trial.person("student"), trial.person("student", 1)
    trial.version = "v3.1"
    trial.sandbox.change(
        student,
        {
            "created": "2026-09-01T23:30:15.123-05:00",
            "lms_status": {"synced_in_lms": False},
            "roles.student.schools": ["b" * 24, "a" * 24],
        },
    )
    trial.sandbox.change(other, {"lms_status": {"synced_in_lms": True}})
    trial.sync()
    assert run("export", "csv", "--spreadsheet", "users", "students", "--to", "sheet").exit_code == 0
    users = rows(Path("sheet", "users.csv"))
    assert of(student, users)["created_at"] == "2026-09-02 04:30:15"
    assert (of(student, users)["synced_in_lms"], of(other, users)["synced_in_lms"]) == ("no", "yes")
    assert {row["synced_in_lms"] for row in users} <= {"yes", "no", ""}
    assert of(student, rows(Path("sheet", "students.csv")))["school_ids"] == f"{'a' * 24}; {'b' * 24}"
    assert Path("sheet", "users.csv").read_bytes().startswith(b"\xef\xbb\xbfuser_id,")


def test_no_cell_of_a_spreadsheet_file_is_a_formula_or_a_list_or_spans_lines(run: Run, trial: "Trial") -> None:
    trial.sync()
    assert run("export", "csv", "--spreadsheet", *PUBLISHED, "--to", "sheet").exit_code == 0
    for name in PUBLISHED:
        for row in rows(Path("sheet", f"{name}.csv")):
            for cell in row.values():
                assert re.fullmatch(r'="[^"]+"|(?![\s=+@-]|\[)[^\r\n]*', cell), name


def test_ids_of_a_spreadsheet_file_resolve(run: Run, trial: "Trial") -> None:
    trial.sync()
    assert run("export", "csv", "--spreadsheet", "legacy_id_crosswalk", "--to", "sheet").exit_code == 0
    assert run("resolve", "sheet/legacy_id_crosswalk.csv", "--column", "legacy_id").exit_code == 0


def test_the_files_show_rows_and_place_and_only_their_owner_can_read_them(run: Run, trial: "Trial") -> None:
    trial.sync()
    result = run("export", "csv", "users", "sync.runs", "users")
    (folder,) = (trial.folder / "exports").iterdir()
    assert result.exit_code == 0
    people = trial.value("SELECT count(*) FROM users")
    assert [line.split() for line in result.output.splitlines()] == [
        ["table", "rows", "file"],
        ["users", str(people), str(folder / "users.csv")],
        ["sync.runs", "1", str(folder / "sync.runs.csv")],
    ]
    assert [(file.name, file.stat().st_mode & 0o777) for file in sorted(folder.iterdir())] == [
        ("sync.runs.csv", 0o600),
        ("users.csv", 0o600),
    ]


def test_rows_as_of_an_instant_are_those_of_then(run: Run, trial: "Trial") -> None:
    trial.sync()
    student = trial.person("student")
    before = trial.value("SELECT (max(valid_from) + INTERVAL 1 microsecond)::VARCHAR FROM users")
    trial.sandbox.remove(student)
    trial.sync()
    assert run("export", "csv", "users", "--as-of", before, "--to", "then").exit_code == 0
    assert run("export", "csv", "users", "--to", "now").exit_code == 0
    then, now = rows(Path("then", "users.csv")), rows(Path("now", "users.csv"))
    assert {row["user_id"] for row in then} - {row["user_id"] for row in now} == {student}
    assert "valid_from" not in then[0]


def test_a_file_that_exists_is_replaced_only_if_asked(run: Run, trial: "Trial") -> None:
    trial.sync()
    Path("users.csv").write_text("mine")
    refused = run("export", "csv", "students", "users", "--to", ".")
    assert refused.exit_code == 2
    assert refused.stderr == (
        "users.csv exists already and was not changed: name another folder, or replace its files with --overwrite.\n"
    )
    assert [(file.name, file.read_text()) for file in Path().iterdir()] == [("users.csv", "mine")]
    assert run("export", "csv", "students", "users", "--to", ".", "--overwrite").exit_code == 0
    assert sorted(file.name for file in Path().iterdir()) == ["students.csv", "users.csv"]
    assert len(rows(Path("users.csv"))) == trial.value("SELECT count(*) FROM users")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["csv", "studnets"], "There is no table or view studnets; did you mean students?"),
        (["csv", "users", "runs"], "There is no table or view runs; did you mean sync.runs?"),
        (["csv", "past.past_users"], "There is no table or view past.past_users; did you mean"),
        (["csv", "users", "--as-of", "yesterday"], "yesterday is not an instant: write it as 2026-09-01 or"),
        (
            ["csv", "users", "grades", "--as-of", "2026-09-01"],
            "grades keeps no history, so it cannot be exported as of",
        ),
        (["parquet", "users", "--spreadsheet"], "--spreadsheet is for CSV files: leave it out, or export csv."),
        (["csv", "users", "--to", "a-file"], "No file can be written in a-file (File exists)."),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_sentence(
    run: Run, trial: "Trial", arguments: list[str], message: str
) -> None:
    trial.sync()
    Path("a-file").touch()
    result = run("export", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(message)
    assert result.stderr.count("\n") == 1
    assert [file.name for file in Path().iterdir()] == ["a-file"]
    assert not (trial.folder / "exports").exists()


def test_an_export_reads_while_a_sync_writes(run: Run, trial: "Trial") -> None:
    trial.sync()

    def export(session: "Session") -> int:
        session.execute("DELETE FROM users", "delete")
        return run("export", "csv", "users", "--to", "out").exit_code

    assert trial.warehouse.write("writer", export, silent) == 0
    assert len(rows(Path("out", "users.csv"))) == trial.value("SELECT count(*) FROM users") > 0


def test_a_full_disk_leaves_no_file(run: Run, trial: "Trial") -> None:
    trial.sync()
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    done = subprocess.run(
        [Path(sys.executable).with_name("clever-warehouse"), "export", "csv", "grades", "users", "--to", "out"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, most)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        "The disk of out is full, or a quota or a limit of file sizes is reached: nothing was changed"
    )
    assert list(Path("out").iterdir()) == []
