"""Plain technical English: phrases that the project has replaced must not come back."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]

REPLACED = {
    r"\b(row|version|file|line|receipt|thread|partition|sentence|requests) a "
    r"(person|role|district|sync|change|stream|page|migration CSV|connection|run|minute)\b": "one row per district",
    r"\bfor each of theirs\b|\bof theirs\b": "their own",
    r"\bmade-up\b|\bmade up\b|\bmakes? people up\b|\bmaking a Clever up\b": "fake, mock, generate",
    r"\b(a )?person's word\b|\btake a word\b|\bwithout anybody's word\b": "approval, decision",
    r"\bthe rooms\b|\bthis room\b|\bonly room\b": "packages",
    r"\bten promises\b": "guarantees",
    r"\bwhat came of\b|\bwhat became of\b": "result of, what an ID leads to",
    r"\bmend(s|ed)?\b": "fix",
    r"\bstands? in one place\b|\bstands? beside\b": "is in one place, is next to",
    r"\bbe held against\b|\bis held against\b|\bhold every id\b": "compare with, check against",
    r"\blikewise\b": "also",
    r"\bbe it\b": "whether",
    r"\bkept to go back to\b|\bto go back to\b": "kept for rollbacks",
    r"\bby hand\b": "manually",
    r"\bnobody's\b": "no one's, or name the actor",
    r"\bis told to\b|\bwas told to\b|\bis told in\b": "is stopped by, is reported in",
    r"\brun the same again\b": "run the command again",
    r"\bif it lasts\b": "if it keeps happening",
    r"\bno longer whole\b": "incomplete",
    r"\bwhat is published stays\b": "the published data is unchanged",
    r"\bwhat could be is published\b": "all others are published",
    r"\bshows no district\b": "is not connected to this app",
    r"\bid of old\b|\bids of old\b": "legacy ID",
    r"\bmay be given again\b": "can be repeated",
    r"\bwithout doubles\b": "without duplicates",
    r"\bauthoris|\bnormalis|\brecognis|\bcatalogue\b": "American spelling: authorize, normalize, recognize, catalog",
    r"\btroubles?\b|\bpatience\b|\bhappenings\b|\bchronicles?\b": "failure, retry policy, change, change log",
    r"\bthe price:": "Trade-off:",
}
"""Patterns, compared without case, with what to write instead."""

IN_DOCUMENTS = {
    r"\bsomebody\b|\bnobody\b|\banybody\b|\bwhoever\b": "no one, or name the actor: a user, the operator, a reader",
    r"\btells?\b|\btold\b": "shows, has, reports",
    r"\bfor ever\b|\bfor as long as\b": "forever, while",
    r"\banew\b|\bagain and again\b": "again, rewritten, repeatedly",
    r"\b(goes|go|went|going) on\b": "continues",
    r"\bat once\b|\ball the same\b|\bhardly ever\b": "immediately or together, still, rarely",
    r"\bbeside\b": "next to, compared with",
    r"\bis no fault\b|\bfault of the\b": "is normal, an error in the",
    r"(?-i:\b(legacy|v3|Clever|user) ids?\b)": "legacy ID, v3 ID",
}
"""More patterns that no published text contains: documents, with the dictionary and the help of commands, which are generated."""

NAMES = {
    r"told|tells?_of": "reported",
    r"somebody|nobody|whoever": "someone, no_one, or name the actor",
    r"mended": "fixed",
    r"proven": "verified",
    r"chronicle": "change_log",
    r"made_up": "mock",
    r"catalogue": "catalog",
    r"trouble": "failure, error",
    r"anybody|promises": "anyone, or what is shown",
    r"beside|anew|at_once": "next_to or compared_with, again, together or concurrent",
    r"go(ing|ne)?_back|comes_of": "a_rollback, result",
    r"_(row|version)_a_": "one_row_per",
}
"""Patterns that no name of a test contains, with what to write instead."""

# A migration that was released is never edited; older warehouses are made by the code of their version.
EXEMPT = ("sql/migrations/", "tests/pipelines/warehouse/older/")

THIS = "tests/test_language.py"


def tracked(*patterns: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if name != THIS and not name.startswith(EXEMPT)]


def prose(text: str) -> str:
    """Return the text with each run of white space as one blank, and without comment signs at line breaks."""
    return re.sub(r"\s+", " ", re.sub(r"\"?\s*\n\s*(#+ )?f?\"?", " ", text))


@pytest.mark.parametrize(
    "name",
    tracked(
        "assets/*.py",
        "pipelines/*.py",
        "sql/*.sql",
        "sql/README.md",
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "docs/*.md",
        "Makefile",
        ".env.example",
    ),
)
def test_no_replaced_phrase_is_used(name: str) -> None:
    text = prose((CHECKOUT / name).read_text(encoding="utf-8"))
    found = {
        match[0]: instead
        for pattern, instead in REPLACED.items()
        for match in re.finditer(pattern, text, re.IGNORECASE)
    }
    assert found == {}, "write what is on the right instead"


@pytest.mark.parametrize("name", tracked("tests/*.py"))
def test_no_replaced_word_is_in_a_test_name(name: str) -> None:
    tree = ast.parse((CHECKOUT / name).read_text(encoding="utf-8"))
    tests = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name[:5] == "test_"]
    found = {test: instead for test in tests for pattern, instead in NAMES.items() if re.search(pattern, test)}
    assert found == {}, "write what is on the right instead"


@pytest.mark.parametrize(
    "name",
    tracked(
        *(
            "README.md",
            "CHANGELOG.md",
            "CONTRIBUTING.md",
            "SECURITY.md",
            "docs/*.md",
            "sql/README.md",
            "sql/sources.yml",
        ),
        *("Makefile", ".env.example", "mkdocs.yml", ".github/*", ".ci/*", "sql/queries/*.sql", "sql/macros/*.sql"),
    ),
)
def test_no_replaced_phrase_is_in_a_published_text(name: str) -> None:
    text = prose(re.sub(r"`[^`\n]*`", "``", (CHECKOUT / name).read_text(encoding="utf-8")))
    found = {
        match[0]: instead
        for pattern, instead in (REPLACED | IN_DOCUMENTS).items()
        for match in re.finditer(pattern, text, re.IGNORECASE)
    }
    assert found == {}, "write what is on the right instead"


def test_replaced_phrases_are_found_across_lines() -> None:
    text = prose('raise Error(\n    "What is published "\n    "stays, a person\'s\n    # word."\n)')
    assert [pattern for pattern in REPLACED if re.search(pattern, text, re.IGNORECASE)] == [
        r"\b(a )?person's word\b|\btake a word\b|\bwithout anybody's word\b",
        r"\bwhat is published stays\b",
    ]
