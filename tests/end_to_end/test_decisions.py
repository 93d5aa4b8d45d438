"""Holds are decided in a terminal of 80 columns: one by its digest, or all that would do the same."""

import json
import shlex
import subprocess
from typing import TYPE_CHECKING

import duckdb
import pytest
from rich.cells import cell_len

from tests.end_to_end.conftest import BIN, settings
from tests.end_to_end.test_terminal import on_screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Begin, Trial
    from tests.end_to_end.conftest import Terminal

LIMITS = {"CLEVER_MAX_ARCHIVED_PERCENT": "0", "CLEVER_HOLD_MIN_RECORDS": "1"}


@pytest.fixture
def held(begin: "Begin", terminal: "Terminal") -> "Iterator[Trial]":
    """Return a warehouse of three held districts: two lose a contact, the third loses a student."""
    with begin(districts=3, users=60) as trial:
        trial.sync()
        for district_id, role in zip(trial.districts, ("contact", "contact", "student"), strict=True):
            trial.sandbox.remove(trial.sandbox.roster(district_id).ids(role)[0])
        ended = terminal.run("sync", on=trial, given=LIMITS)
        assert ended.code == 3, ended.err
        yield trial


def _digests(trial: "Trial") -> list[str]:
    return [snapshot.digest for _, snapshot in sorted(trial.warehouse.held_snapshots().items())]


def _states(trial: "Trial") -> list[str]:
    return [state for (state,) in trial.rows("SELECT state FROM sync.holds ORDER BY district_id")]


def test_alike_holds_are_shown_together_and_approved_by_one_answer(held: "Trial", terminal: "Terminal") -> None:
    digests = _digests(held)
    shown = on_screen(terminal, held, "holds")
    assert shown.out.count("2 districts, over these limits:\n  contact archived up to 25%, lost up to 25%\n") == 1
    assert f"clever-warehouse approve --all-like {digests[0][:12]} " in shown.out
    assert f"clever-warehouse approve {digests[2][:12]} " in shown.out
    refused = on_screen(terminal, held, "approve", "--all-like", digests[1][:8], "--reason", "new year", typed="n\n")
    assert (refused.code, _states(held)) == (2, ["held"] * 3)
    assert "Approve all 2? [y/N] " in refused.out
    assert all(digest[:12] in refused.out for digest in digests[:2])
    assert digests[2][:12] not in refused.out
    assert max(map(cell_len, refused.out.partition("Approve all")[0].splitlines())) <= 80
    approved = on_screen(terminal, held, "approve", "--all-like", digests[1][:8], typed="y\nthe new school year\n")
    assert (approved.code, _states(held)) == (0, ["approved", "approved", "held"])
    assert "Approved, applied and published." in approved.out
    assert held.value("SELECT any_value(reason) FROM sync.holds WHERE state = 'approved'") == "the new school year"
    assert terminal.run("sync", on=held, given=LIMITS).code == 3
    assert held.wrong() != []


def test_one_hold_is_shown_and_approved_by_its_first_digits(held: "Trial", terminal: "Terminal") -> None:
    digest = _digests(held)[2]
    approved = on_screen(terminal, held, "approve", digest[:8], typed="y\nwe know\n")
    assert (approved.code, _states(held)) == (0, ["held", "held", "approved"])
    assert f"digest    {digest}" in approved.out
    assert "Approve this snapshot? [y/N] " in approved.out


def test_without_a_terminal_several_are_approved_only_with_yes(held: "Trial", terminal: "Terminal") -> None:
    refused = terminal.run("approve", "--all", "--reason", "r", on=held)
    assert (refused.code, _states(held)) == (2, ["held"] * 3)
    assert refused.err == "Nothing was changed. To decide without a question, use --yes.\n"
    approved = terminal.run("approve", "--all", "--reason", "r", "--yes", on=held)
    assert (approved.code, approved.err, _states(held)) == (0, "", ["approved"] * 3)
    assert held.wrong() == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "Name the snapshot to approve by its digest"),
        (
            ("0123456789", "--all"),
            "Name one snapshot by its digest, or several by options such as --all-like, not both.",
        ),
        (("--digest", "0123456789"), "Name the snapshot to approve by its digest"),
        (("--only", "schools", "--yes"), "None of the 3 waiting snapshots matches, so nothing was changed."),
        (("--all-like", "000000", "--yes"), "No digest of a waiting snapshot begins with 000000"),
    ],
)
def test_options_that_select_nothing_or_too_much_are_refused(
    held: "Trial", terminal: "Terminal", options: tuple[str, ...], sentence: str
) -> None:
    refused = terminal.run("approve", *options, "--reason", "r", on=held)
    assert refused.code in {1, 2}
    assert refused.err.startswith(sentence)
    assert _states(held) == ["held"] * 3


def test_rollover_shows_who_returns_leaves_is_new_moved_and_was_promoted(begin: "Begin", terminal: "Terminal") -> None:
    with begin(users=200) as trial:
        trial.sync()
        before = set(trial.sandbox.truth().ids("student"))
        given = {"CLEVER_ROLLOVER": "2000-01-01..9999-12-31"}
        refused = terminal.run("rollover", on=trial)
        assert (refused.code, refused.out) == (2, "")
        assert refused.err.startswith("No rollover has begun: give the first day with --from")
        trial.sandbox.roll_over(trial.districts[0])
        ended = terminal.run("sync", on=trial, given=given)
        assert ended.code == 0, ended.out + ended.err
        after = set(trial.sandbox.truth().ids("student"))
        shown = terminal.run("rollover", on=trial, given=given)
        assert shown.code == 0
        assert "Who was there before is not known, so everyone is new." in shown.out
        found = json.loads(terminal.run("rollover", "--json", on=trial, given=given).out)
        (students,) = [row for row in found["people"] if row["role"] == "student"]
        assert (students["before"], students["new"], students["after"]) == (0, len(after), len(after))
        assert len(before & after) > 0
        trial.sandbox.remove(next(iter(after)))
        assert terminal.run("sync", on=trial, given=LIMITS).code == 3
        held = terminal.run("rollover", "--from", "2000-01-01", on=trial)
        assert "is held: what it would change is not counted. See `clever-warehouse holds`." in held.out


def test_holds_of_an_earlier_version_are_named_and_left_out(held: "Trial", terminal: "Terminal") -> None:
    with duckdb.connect(str(held.warehouse.published)) as published:
        published.execute("UPDATE sync.holds SET exceeded = NULL WHERE district_id = ?", [held.districts[2]])
    refused = terminal.run("approve", "--all", "--reason", "r", on=held)
    assert (refused.code, _states(held)) == (2, ["held"] * 3)
    assert refused.err.startswith(f"An earlier version held the snapshots of {held.districts[2]} without recording ")


def test_without_standard_input_a_command_says_that_it_needs_yes(held: "Trial", terminal: "Terminal") -> None:
    for command in ("approve --all --reason r", "rollback"):
        ended = subprocess.run(
            ["/bin/sh", "-c", f"exec {shlex.quote(str(BIN / 'clever-warehouse'))} {command} <&-"],
            cwd=terminal.folder,
            env=settings(held),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode in {1, 2}
        assert ended.stderr.startswith(("Nothing was changed", "No earlier file is kept"))
    assert _states(held) == ["held"] * 3
