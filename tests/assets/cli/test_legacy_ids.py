"""The commands and the job about legacy ids, as an operator uses them: what they say, where they write, how they end."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest
from typer.testing import Result

from assets.definitions import build

if TYPE_CHECKING:
    from tests.conftest import Trial

QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}
Run = Callable[..., Result]


def test_an_import_shows_each_file_and_writes_its_report_next_to_the_warehouse(run: Run, trial: "Trial") -> None:
    trial.sync()
    link = trial.sandbox.truth().crosswalk[0]
    Path("m.csv").write_text(
        f"user_id,role_id,when\n{link.user_id},{link.legacy_id},x\n{'b' * 24},{'a' * 24},x\nno,no,x\n"
    )
    result = run("import-migration", "m.csv")
    assert result.exit_code == 0
    assert re.search(r"m\.csv +3 +1 +1 +0 +0 +0 +1", result.output)
    assert "m.csv: columns ignored: when." in result.output
    assert "1 links added to the crosswalk; published." in result.output
    (report,) = (trial.folder / "reports").iterdir()
    assert str(report) in result.output
    assert report.read_text().startswith("file,line,role_id,user_id,role,district_id,verdict,why\n")


def test_an_id_is_answered_and_shows_by_the_exit_code_whether_it_resolves(run: Run, trial: "Trial") -> None:
    trial.sync()
    link = next(link for link in trial.sandbox.truth().crosswalk if link.role == "staff")
    result = run("resolve", link.legacy_id)
    assert (result.exit_code, result.output) == (0, f"{link.legacy_id} -> {link.user_id}  staff, current\n")
    result = run("resolve", "5f0000000000000000000000")
    assert result.exit_code == 1
    assert "Never seen here: of a district that is not connected" in result.output


def test_a_file_gets_a_summary_and_a_report_and_an_exit_code(run: Run, trial: "Trial") -> None:
    trial.sync()
    ids = [link.legacy_id for link in trial.sandbox.truth().crosswalk][:9]
    Path("mine.csv").write_text("\n".join(["login,clever_id", *(f"x,{id_}" for id_ in ids)]))
    result = run("resolve", "mine.csv", "--column", "clever_id")
    assert result.exit_code == 0
    assert "100.00% resolved: 9 of 9 distinct IDs in column clever_id (9 lines)." in result.output
    (report,) = (trial.folder / "reports").iterdir()
    assert str(report) in result.output
    assert report.stat().st_mode & 0o777 == 0o600
    assert report.read_text().splitlines()[0].startswith("login,clever_id,line,id,v3_id,")
    assert len(report.read_text().splitlines()) == 10
    assert [file.name for file in Path().iterdir()] == ["mine.csv"]
    with Path("mine.csv").open("a") as file:
        file.write("\nx,nobody\n")
    result = run("resolve", "mine.csv", "--column", "clever_id", "--output", "proof.csv")
    assert result.exit_code == 1
    assert "90.00% resolved" in result.output
    assert Path("proof.csv").is_file()
    result = run("resolve", "mine.csv", "--column", "clever_id", "--output", "proof.csv")
    assert (result.exit_code, result.output) == (
        2,
        "proof.csv exists already: name another file for the report.\n",
    )


def test_an_id_as_a_spreadsheet_writes_it_is_answered(run: Run, trial: "Trial") -> None:
    trial.sync()
    link, *_ = trial.sandbox.truth().crosswalk
    for written in (f'="{link.legacy_id}"', f"ObjectId('{link.legacy_id}')", f" {link.legacy_id.upper()}\u00a0"):
        result = run("resolve", written)
        assert result.exit_code == 0
        assert f" -> {link.user_id}" in result.output


@pytest.mark.variants(4)
@pytest.mark.parametrize(
    "arguments",
    [
        ("resolve", "no.csv", "--column", "clever_id"),
        ("resolve", "no.csv"),
        ("resolve", "mine.csv", "--column", "no"),
        ("resolve", "mine.csv"),
        ("resolve", "bad.csv", "--column", "clever_id"),
        ("resolve", "."),
        ("resolve", "no.xlsx"),
        ("resolve", "no/such"),
        ("resolve",),
        ("import-migration",),
        ("import-migration", "no.zip"),
        ("import-migration", "mine.csv"),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_two_and_a_sentence(arguments: tuple[str, ...], run: Run, trial: "Trial") -> None:
    trial.sync()
    Path("mine.csv").write_text("login,clever_id\n")
    Path("bad.csv").write_text('login,clever_id\na,"x\n')
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert result.output.strip()


def test_a_verification_shows_each_role_and_ends_by_what_it_found(run: Run, trial: "Trial") -> None:
    trial.sync()
    trial.sandbox.v21_contacts_status = 410
    result = run("verify-legacy")
    assert result.exit_code == 0
    assert re.search(r"student +\d+ +\d+ +100\.00% +0 +0 +0", result.output)
    assert re.search(r"contact +no longer served", result.output)
    assert re.search(r"total +\d+ +\d+ +100\.00% +0 +0 +0", result.output)
    assert "unmatched:" not in result.output
    added = {trial.sandbox.add_person(trial.districts[0], ("teacher",)) for _ in range(7)}
    result = run("verify-legacy", "--district", trial.districts[0], "--report", "v.csv")
    assert result.exit_code == 1
    assert len(Path("v.csv").read_text().splitlines()) == 8
    assert Path("v.csv").stat().st_mode & 0o777 == 0o600
    unmatched = sorted(link.legacy_id for link in trial.sandbox.truth().crosswalk if link.user_id in added)
    assert (
        f"District {trial.districts[0]}, teacher, unmatched: {', '.join(unmatched[:5])} and 2 more in the report.\n"
        in result.output
    )
    assert re.search(r"total +\d+ +\d+ +\d+\.\d\d% +0 +7 +0", result.output)
    result = run("verify-legacy", "--district", "f" * 24)
    assert result.exit_code == 1
    assert "is not connected" in result.output


def test_the_job_verifies_and_fails_when_an_id_is_unmatched(run: Run, trial: "Trial") -> None:
    trial.sync()
    job = build().resolve_job_def("verify_legacy")

    def verified() -> dg.ExecuteInProcessResult:
        with dg.DagsterInstance.ephemeral() as instance:
            return job.execute_in_process(instance=instance, run_config={"loggers": QUIET}, raise_on_error=False)

    assert verified().success
    person = trial.sandbox.add_person(trial.districts[0], ("teacher",))
    result = verified()
    assert not result.success
    (failure,) = [event.step_failure_data.user_failure_data for event in result.all_events if event.is_step_failure]
    assert failure is not None
    assert (failure.description or "").startswith("Unmatched IDs in API v2.1: 1;")
    (added,) = [link.legacy_id for link in trial.sandbox.truth().crosswalk if link.user_id == person]
    table = failure.metadata["first_unmatched"].value
    assert [record.data for record in table.records] == [  # type: ignore[union-attr]
        {"district": trial.districts[0], "role": "teacher", "legacy_id": added}
    ]


def test_no_command_shows_personal_data(run: Run, trial: "Trial") -> None:
    trial.sync()
    truth = trial.sandbox.truth()
    names = [record["name"]["last"] for record in truth.records]
    Path("m.csv").write_text(
        "\n".join(["role_id,user_id,last_name", *(f"{name}@x.example,{name} {name},{name}" for name in names)])
    )
    trial.sandbox.change_email(trial.person("student"), "somebody.else@district.example")
    trial.sandbox.add_person(trial.districts[0], ("teacher",))
    said = [
        run("import-migration", "m.csv", "--report", "one.csv").output,
        run("resolve", "m.csv", "--column", "role_id", "--output", "two.csv").output,
        run("verify-legacy", "--report", "three.csv").output,
        *(Path(f"{name}.csv").read_text() for name in ("one", "three")),
        # of the report of `resolve`, the columns that it appends to the file's own
        *(",".join(row[3:]) for row in csv.reader(Path("two.csv").read_text().splitlines())),
    ]
    secrets = [secret for secret in trial.sandbox.secrets() if len(secret) > 5]
    leaks = [secret for secret in secrets if re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", "\n".join(said))]
    assert secrets
    assert not leaks, f"{len(leaks)} secrets are told"


def test_a_merge_list_is_written_and_said_how_to_use(run: Run, trial: "Trial") -> None:
    trial.sync()
    user_id = trial.person("teacher")
    (legacy_id,) = [link.legacy_id for link in trial.sandbox.truth().crosswalk if link.user_id == user_id]
    Path("accounts.csv").write_text(f"clever_id\n{legacy_id}\n{user_id}\n")
    result = run("resolve", "accounts.csv", "--merge-list")
    assert result.exit_code == 0
    assert result.output.startswith("1 person has several accounts in this file: 2 lines.")
    (written,) = (trial.folder / "reports").glob("merge-list-*.csv")
    assert str(written) in result.output
    assert run("resolve", "accounts.csv", "--merge-list", "--output", str(written)).exit_code == 2


def test_accounts_are_migrated_when_each_has_the_v3_id_of_another_person(run: Run, trial: "Trial") -> None:
    trial.sync()
    teacher, student = trial.person("teacher"), trial.person("student")
    (legacy_id,) = [link.legacy_id for link in trial.sandbox.truth().crosswalk if link.user_id == teacher]

    def checked(*ids: str) -> tuple[int, str]:
        Path("accounts.csv").write_text("\n".join(["account,clever_id", *(f"a,{each}" for each in ids)]) + "\n")
        Path("checked.csv").unlink(missing_ok=True)
        result = run(
            "resolve", "accounts.csv", "--column", "clever_id", "--migrated", "--output", str(Path("checked.csv"))
        )
        return result.exit_code, result.output

    code, said = checked(legacy_id, student, "", "f" * 24)
    assert (code, "1 of the 4 lines have an ID that is not the v3 ID" in said) == (1, True)
    assert "2 of the 4 lines do not lead to one person" in said
    code, said = checked(teacher, student, teacher.upper())
    assert (code, "2 of the 3 lines are one person with another line" in said) == (1, True)
    code, said = checked(teacher, student, "", "f" * 24)
    assert (code, "Migrated: 2 lines have the v3 ID of a person, each a different person." in said) == (0, True)
    assert run("resolve", "accounts.csv", "--merge-list", "--migrated").exit_code == 2
    for option in ("--merge-list", "--migrated"):
        result = run("resolve", teacher, option)
        assert (result.exit_code, f"{teacher} is not a file" in result.output) == (2, True)


def test_imports_are_listed_and_reverted(run: Run, trial: "Trial") -> None:
    trial.sync()
    assert run("import-migration", "--list").output == "No imports.\n"
    Path("m.csv").write_text(f"role_id,user_id\n{'a' * 24},{'b' * 24}\n")
    imported = run("import-migration", "m.csv").output
    (import_id,) = re.findall(r"--take-back (\S+)", imported)
    assert re.search(rf"{import_id} +\S+ \S+ UTC +m\.csv +1 +1", run("import-migration", "--list").output)
    taken = run("import-migration", "--take-back", import_id)
    assert (taken.exit_code, "1 links removed from the crosswalk" in taken.output) == (0, True)
    assert run("import-migration", "--take-back", import_id).exit_code == 1
    assert run("import-migration").exit_code == 2
