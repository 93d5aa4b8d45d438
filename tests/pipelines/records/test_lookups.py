"""Whether the lookups of grades and home languages are complete and right."""

from typing import TYPE_CHECKING

import duckdb
import pytest

from pipelines.records import CATALOG, Lookup
from pipelines.records.grades import GRADE_LEVELS
from pipelines.records.home_languages import HOME_LANGUAGES
from pipelines.warehouse.schema import lookup_view

if TYPE_CHECKING:
    from tests.pipelines.records.conftest import Spec

BY_CODE = {language.code: language for language in HOME_LANGUAGES}


def documented_values(column: str) -> tuple[str, ...]:
    """Find the documented values of a column of students."""
    return next(field.values for field in CATALOG.table("students").fields if field.column == column)


def test_each_of_152_home_languages_has_its_own_code_and_name() -> None:
    assert len(HOME_LANGUAGES) == 152
    assert len(BY_CODE) == 152
    assert len({language.name for language in HOME_LANGUAGES}) == 152


def test_home_languages_are_sorted_by_code() -> None:
    assert list(BY_CODE) == sorted(BY_CODE)


def test_home_language_codes_and_names_are_those_of_the_spec(specs: dict[str, "Spec"]) -> None:
    student = specs["v3.1"]["definitions"]["Student"]["properties"]
    assert set(BY_CODE) == set(student["home_language_code"]["enum"])
    assert {language.name for language in HOME_LANGUAGES} == set(student["home_language"]["enum"])


def test_the_documented_values_of_students_are_those_of_the_lookups() -> None:
    assert documented_values("home_language_code") == tuple(BY_CODE)
    assert documented_values("home_language") == tuple(language.name for language in HOME_LANGUAGES)
    assert documented_values("grade") == tuple(level.grade for level in GRADE_LEVELS)


def test_13_home_language_codes_are_no_individual_languages_of_iso_639_2() -> None:
    only_in_639_3 = {"ckb", "cmn", "dgo", "ikt", "knn", "kri", "otq", "prs", "yua", "yue"}
    assert {language.code for language in HOME_LANGUAGES if language.iso_part == "639-3"} == only_in_639_3
    assert {language.code for language in HOME_LANGUAGES if language.scope == "collective"} == {"cpp", "kar"}
    assert {language.code for language in HOME_LANGUAGES if language.iso_part == "none"} == {"other"}
    assert {language.code for language in HOME_LANGUAGES if language.scope == "none"} == {"other"}


def test_macrolanguages_are_those_of_iso_639_3() -> None:
    assert [language.code for language in HOME_LANGUAGES if language.scope == "macrolanguage"] == [
        *("ara", "aym", "aze", "est", "fas", "grn", "hmn", "iku", "kur", "lav", "mlg", "mon", "msa", "nep", "ori"),
        *("orm", "pus", "que", "sqi", "swa", "uzb", "yid", "zho"),
    ]


def test_home_language_codes_are_terminological() -> None:
    bibliographic = {
        *("alb", "arm", "baq", "bur", "chi", "cze", "dut", "fre", "geo", "ger"),
        *("gre", "ice", "mac", "mao", "may", "per", "rum", "slo", "tib", "wel"),
    }
    assert bibliographic.isdisjoint(BY_CODE)
    assert {code for code in BY_CODE if len(code) != 3 or not code.isalpha() or not code.islower()} == {"other"}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("ckb", "Kurdish (Sorani)"),
        ("cmn", "Mandarin"),
        ("cpp", "Cabo Verdean"),
        ("deu", "German"),
        ("fas", "Farsi"),
        ("fil", "Filipino"),
        ("hat", "Haitian Creole"),
        ("kar", "Karen"),
        ("kur", "Kurdish (Kurmanji)"),
        ("lus", "Mizo"),
        ("nob", "Norwegian"),
        ("nso", "Northern Sotho"),
        ("other", "Other"),
        ("prs", "Dari"),
        ("run", "Kirundi"),
        ("sot", "Sesotho"),
        ("spa", "Spanish"),
        ("tgl", "Tagalog"),
        ("ton", "Tongan"),
        ("tsn", "Setswana"),
        ("yue", "Cantonese"),
        ("zho", "Chinese"),
    ],
)
def test_codes_that_are_easily_mistaken_have_the_right_name(code: str, name: str) -> None:
    assert BY_CODE[code].name == name


def test_21_grades_are_in_order() -> None:
    assert [level.grade for level in GRADE_LEVELS] == [
        *("InfantToddler", "Preschool", "PreKindergarten", "TransitionalKindergarten", "Kindergarten"),
        *("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13"),
        *("PostGraduate", "Ungraded", "Other"),
    ]
    assert [level.sort_order for level in GRADE_LEVELS] == list(range(1, 22))


def test_numbered_grades_are_labeled_with_their_number() -> None:
    assert len({level.label for level in GRADE_LEVELS}) == 21
    numbered = [level for level in GRADE_LEVELS if level.grade.isdigit()]
    assert [level.label for level in numbered] == [f"Grade {level.grade}" for level in numbered]
    assert len(numbered) == 13


@pytest.mark.parametrize("version", ["v3.0", "v3.1"])
@pytest.mark.parametrize(
    ("record", "field"), [("Student", "grade"), ("Section", "grade"), ("School", "low_grade"), ("School", "high_grade")]
)
def test_every_grade_of_the_spec_is_in_the_lookup(
    specs: dict[str, "Spec"], version: str, record: str, field: str
) -> None:
    documented = set(specs[version]["definitions"][record]["properties"][field]["enum"]) - {""}
    assert documented == {level.grade for level in GRADE_LEVELS}


@pytest.mark.parametrize("version", ["v3.0", "v3.1"])
def test_grades_are_in_the_order_of_the_spec(specs: dict[str, "Spec"], version: str) -> None:
    documented = specs[version]["definitions"]["Student"]["properties"]["grade"]["enum"]
    assert [level.grade for level in GRADE_LEVELS] == [grade for grade in documented if grade]


@pytest.mark.parametrize("lookup", CATALOG.lookups, ids=lambda lookup: lookup.name)
def test_a_lookup_is_a_view_of_its_declared_rows(lookup: Lookup) -> None:
    with duckdb.connect() as connection:
        connection.execute(lookup_view(lookup))
        found = connection.execute(f"FROM {lookup.name}")
        assert [name for name, *_ in found.description or ()] == [column.name for column in lookup.columns]
        assert found.fetchall() == list(lookup.rows)


def test_grades_sort_by_the_lookup_and_not_as_text() -> None:
    with duckdb.connect() as connection:
        for lookup in CATALOG.lookups:
            connection.execute(lookup_view(lookup))
        found = connection.execute(
            "SELECT grade FROM (VALUES ('10'), ('2'), ('Kindergarten')) AS shown(grade) JOIN grades USING (grade) ORDER BY sort_order"
        ).fetchall()
    assert found == [("Kindergarten",), ("2",), ("10",)]
