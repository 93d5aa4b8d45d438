"""What a check is: a small function with a name that looks at what was seen and gives a finding."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

S = TypeVar("S")

REPORT_IT: Final = "Report it with `clever-warehouse doctor --bug-report`, so that the client can follow."
"""What to do where Clever is not as assumed."""
NOT_READ: Final = "Users could not be read."
"""Why nothing is checked of what was not read."""


class Verdict(StrEnum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105 - no password
    WARNING = "warning"
    """A sync works, but slower, with less, or otherwise than assumed."""
    FAIL = "fail"
    """A sync would fail, or would be wrong."""
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. No text of it holds a token or anything of a person."""

    verdict: Verdict
    found: str
    """One or two sentences."""
    fix: str = ""
    """What to do; empty if nothing needs to be done."""


@dataclass(frozen=True, slots=True)
class Result:
    """A finding, with what it is about."""

    check: str
    finding: Finding
    district_id: str | None = None
    """None if it is about this machine, or about the app and not about one district."""
    assumptions: tuple[str, ...] = ()
    """Names in pipelines/clever/assumptions.py."""


@dataclass(frozen=True, slots=True)
class Check(Generic[S]):
    """A check of what was seen."""

    name: str
    look: Callable[[S], Finding]
    assumptions: tuple[str, ...] = ()
    """Which assumptions about Clever it checks."""


class Checks(list[Check[S]]):
    """The checks of one kind, in the order in which they are shown."""

    def named(
        self, name: str, *, assumes: Sequence[str] = ()
    ) -> Callable[[Callable[[S], Finding]], Callable[[S], Finding]]:
        """Register a function as a check, with the assumptions that it checks."""

        def register(look: Callable[[S], Finding]) -> Callable[[S], Finding]:
            self.append(Check(name, look, tuple(assumes)))
            return look

        return register


def run(checks: Sequence[Check[S]], seen: S, district_id: str | None = None) -> list[Result]:
    """Run checks on what was seen."""
    return [Result(check.name, check.look(seen), district_id, check.assumptions) for check in checks]


def passed(found: str) -> Finding:
    """All is as it should be."""
    return Finding(Verdict.PASS, found)


def warned(found: str, fix: str) -> Finding:
    """A sync works all the same."""
    return Finding(Verdict.WARNING, found, fix)


def failed(found: str, fix: str) -> Finding:
    """A sync would fail, or would be wrong."""
    return Finding(Verdict.FAIL, found, fix)


def unchecked(why: str) -> Finding:
    """It could not be found out here."""
    return Finding(Verdict.NOT_CHECKED, why)
