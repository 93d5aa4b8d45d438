"""One faulty record: its district fails with the record's name, or is synced around the fault; all other districts go on."""

from typing import TYPE_CHECKING

import pytest

from pipelines.clever import Clever
from pipelines.sandbox import Rewritten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.sync import Outcome
    from tests.conftest import Begin, Trial


@pytest.fixture(scope="module")
def shared(begin: "Begin") -> "Iterator[Trial]":
    """Give a warehouse of two districts, synced once; a test leaves it as healthy as it was."""
    with begin(districts=2) as made:
        made.sync()
        yield made


@pytest.fixture
def two(shared: "Trial") -> "Iterator[Trial]":
    """Give the shared warehouse; end all faults after the test and sync what they kept out."""
    yield shared
    shared.sandbox.heal()
    shared.sync()


def _with_field(user_id: str, field: bytes) -> Rewritten:
    """Write one more field into a person's record, as the bytes it is given in."""
    begins = f'{{"id":"{user_id}",'.encode()
    return Rewritten(lambda body: body.replace(begins, begins + field + b","))


def _failed(trial: "Trial", *, bad: str) -> "Outcome":
    """Change somebody in every district, sync, and give the outcome of the one district that must have failed."""
    for district_id in trial.districts:
        trial.sandbox.change_email(trial.sandbox.roster(district_id).ids("teacher")[-1])
    outcomes = {outcome.district_id: outcome for outcome in trial.sync().outcomes}
    assert {district_id: outcome.outcome for district_id, outcome in outcomes.items()} == {
        district_id: "failed" if district_id == bad else "applied" for district_id in trial.districts
    }
    assert [trial.wrong(district_id) for district_id in trial.districts if district_id != bad] == [[]]
    return outcomes[bad]


DEEP = {
    "lists": lambda levels: b'"nick":' + b"[" * levels + b"]" * levels,
    "objects": lambda levels: b'"nick":' + b'{"a":' * levels + b"0" + b"}" * levels,
}


@pytest.mark.parametrize(("kind", "levels"), [("objects", 3_000), ("lists", 100_000)])
def test_a_record_that_is_nested_too_deeply_fails_only_its_own_district(two: "Trial", kind: str, levels: int) -> None:
    bad = two.districts[0]
    ids = two.sandbox.roster(bad).ids()
    user_id = ids[len(ids) // 2]
    two.sandbox.inject(_with_field(user_id, DEEP[kind](levels)), district=bad)
    error = _failed(two, bad=bad).error or ""
    assert f"record {user_id} is nested {levels + 1:,} levels deep" in error
    assert bad in error
    assert "closed" not in error


def test_a_record_that_is_nested_less_deeply_is_kept_whole(trial: "Trial") -> None:
    user_id = trial.person("teacher")
    trial.sandbox.inject(_with_field(user_id, DEEP["objects"](300)))
    assert trial.outcomes() == ["applied"]
    extra = trial.value("SELECT extra::VARCHAR FROM users WHERE user_id = ?", user_id)
    assert extra == "{" + DEEP["objects"](300).decode() + "}"


def test_nesting_outside_of_the_records_fails_only_the_district(two: "Trial") -> None:
    bad = two.districts[0]
    two.sandbox.inject(
        Rewritten(lambda body: b'{"paging":' + b"[" * 3_000 + b"]" * 3_000 + b"," + body[1:]), district=bad
    )
    assert "nested too deeply" in (_failed(two, bad=bad).error or "")


def test_an_unforeseen_error_of_one_district_names_its_kind_and_place_and_quotes_nothing(
    two: "Trial", monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = two.districts[0]
    pages = Clever.pages

    def broken(self: Clever, district: "object", *args: object, **more: object) -> "Iterator[object]":
        if getattr(district, "id", None) == bad:
            raise KeyError("Ada Lovelace")
        return pages(self, district, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Clever, "pages", broken)
    error = _failed(two, bad=bad).error or ""
    monkeypatch.undo()
    assert f"District {bad}, feed " in error
    assert "KeyError at test_faulty_records.py:" in error
    assert "Ada" not in error
