"""What a sync says of several districts at once."""

from pipelines.sync.sentences import by_cause

A, B, C = (f"{number:024x}" for number in range(3))


def test_each_cause_is_said_once_with_the_districts_that_have_it() -> None:
    refused = [(each, f"District {each}, users: Clever answered 403.") for each in (A, B, C)]
    unread = [(each, f"District {each} was read 3 times.") for each in (A, B)]
    assert by_cause(refused, 3) == ["All 3 districts, users: Clever answered 403."]
    assert by_cause([*refused[:2], (C, "District C: something else.")], 3) == [
        f"2 of 3 districts ({A}, {B}), users: Clever answered 403.",
        "District C: something else.",
    ]
    assert by_cause([(None, "The token list cannot be read."), *refused[:1]], 1) == [
        "The token list cannot be read.",
        refused[0][1],
    ]
    assert by_cause(unread, 2) == ["All 2 districts were read 3 times."]


def test_sentence_that_repeats_the_id_of_its_district_is_not_merged() -> None:
    failures = [(each, f"District {each}: run `sync --district {each}`.") for each in (A, B)]
    assert by_cause(failures, 2) == [sentence for _, sentence in failures]
