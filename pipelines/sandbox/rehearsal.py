"""What happens in the nights of a rehearsal: a hold, failures, recovery, and the rollover of the school year."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.sandbox.faults import Fault, Status
from pipelines.sandbox.people import ROLES
from pipelines.sandbox.roster import Change
from pipelines.sandbox.sandbox import Sandbox
from pipelines.sandbox.streams import EVENTS, PLACES
from pipelines.sandbox.versions import V30

SHARED = (*ROLES, *PLACES[1:])
"""What a district can stop sharing: roles, and lists other than that of districts."""


@dataclass(frozen=True, slots=True)
class Night:
    """What one night changed."""

    number: int
    """From 1."""
    changes: Sequence[Change]
    """The changes of people, those by a rollover included."""
    unshared_by: str | None = None
    """The district that stopped sharing what the rehearsal holds."""
    failing: Sequence[str] = ()
    """The districts that began to answer with server errors."""
    shared_by: str | None = None
    """The district that shares it again."""
    recovered: Sequence[str] = ()
    """The districts that answer again."""
    is_rollover: bool = False
    """Whether the school year rolled over in all districts."""


class Rehearsal:
    """The nights of a sandbox. What goes wrong goes wrong in the first night, and is over after the second."""

    def __init__(
        self, sandbox: Sandbox, nights: int, *, hold: str | None = None, fail: int = 0, rollover: bool = False
    ) -> None:
        """Plan the nights; nothing happens yet.

        Args:
            sandbox: Whose nights these are.
            nights: How many can pass.
            hold: What the first district stops sharing: one of SHARED.
            fail: How many districts fail, counted from the last one.
            rollover: Whether the last night is the rollover of the school year.

        Raises:
            ValueError: no district can stop sharing that, or there are fewer districts than are to fail.
        """
        districts = list(sandbox.districts)
        if hold is not None and hold not in SHARED:
            message = f"{hold} is nothing that a district can stop sharing"
            raise ValueError(message)
        if not 0 <= fail <= len(districts):
            message = f"{fail} of {len(districts)} districts cannot fail"
            raise ValueError(message)
        self.nights = nights
        self.passed = 0
        """How many nights have passed."""
        self.hold = hold
        self.holding = districts[0] if hold is not None else None
        """The district that stops sharing something."""
        self.failing = districts[len(districts) - fail :]
        """The districts that fail."""
        self._sandbox = sandbox
        self._rollover = rollover
        self._is_role = hold in ROLES

    @property
    def is_over(self) -> bool:
        """Whether all nights have passed."""
        return self.passed >= self.nights

    def count_held(self) -> int:
        """Count the people or records that the first district stops sharing."""
        if self.hold is None or self.holding is None:
            return 0
        if self._is_role:
            return len(self._sandbox.roster(self.holding).ids(self.hold))
        return len(self._sandbox.served(V30, self.hold, self.holding))

    def pass_night(self) -> Night:
        """Let the next night pass.

        Raises:
            RuntimeError: all nights have passed.
        """
        if self.is_over:
            raise RuntimeError("all nights have passed")
        self.passed += 1
        is_rollover = self._rollover and self.is_over
        with self._sandbox.lock:
            before = len(self._sandbox.log)
            if is_rollover:
                self._sandbox.end_school_year()
            else:
                self._sandbox.advance(keep_shared=True)
            if self.passed == 1:
                self._begin()
            elif self.passed == 2:  # noqa: PLR2004 (the night after the first)
                self._end()
            changes = self._sandbox.log[before:]
        return Night(
            self.passed,
            changes,
            unshared_by=self.holding if self.passed == 1 else None,
            failing=self.failing if self.passed == 1 else (),
            shared_by=self.holding if self.passed == 2 else None,  # noqa: PLR2004
            recovered=self.failing if self.passed == 2 else (),  # noqa: PLR2004
            is_rollover=is_rollover,
        )

    def _begin(self) -> None:
        """Let something go wrong."""
        if self.holding is not None:
            self._sandbox.unshare(self.holding, **self._held())
        for district_id in self.failing:
            # Clients retry a 500 for a minute and a 501 not at all: a sync would ask for events first, and wait twice.
            self._sandbox.faults.add(Fault(Status(501), district=district_id, stream=EVENTS))
            self._sandbox.faults.add(Fault(Status(500), district=district_id))

    def _end(self) -> None:
        """Let all be well again."""
        if self.holding is not None:
            self._sandbox.share(self.holding, **self._held())
        self._sandbox.faults.clear()

    def _held(self) -> dict[str, str | None]:
        return {"role": self.hold} if self._is_role else {"stream": self.hold}
