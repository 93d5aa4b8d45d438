"""What a day changes in the sections of a district: students join and leave, teachers change, sections come and go."""

import random
from collections.abc import Callable

from pipelines.sandbox.curriculum import MEMBERSHIP_WEIGHTS, MEMBERSHIPS
from pipelines.sandbox.day import PEOPLE_PER_CHANGE
from pipelines.sandbox.people import STUDENT, Record
from pipelines.sandbox.roster import Roster
from pipelines.sandbox.school_year import SchoolYear
from pipelines.sandbox.streams import COURSES, RESOURCES, SCHOOLS, SECTIONS

MOST_TEACHERS = 3
"""How many teachers a section gets in the course of a year."""

RENAMES = ((SECTIONS, 12), (COURSES, 2), (SCHOOLS, 1), (RESOURCES, 1))
"""The lists of which a record gets another name, by share."""


class SchoolDay:
    """One day in the sections of one district; it follows the day of the people and leaves them alone.

    The same seed, number, roster and school year lead to the same changes.
    """

    def __init__(self, roster: Roster, year: SchoolYear, seed: int, number: int) -> None:
        """Choose the day."""
        self._roster = roster
        self._year = year
        self._rng = random.Random(f"school day {seed} {number} {roster.district_id}")
        self._sections: list[str] = []

    def apply(self) -> None:
        """Apply the changes of the day; a change without a suitable section is skipped."""
        for user_id in self._year.newcomers():
            self._admit(user_id)
        self._sections = self._year.ids(SECTIONS)
        possible: list[Callable[[], None]] = [
            *(self._join, self._join, self._join, self._leave, self._leave, self._move, self._move),
            *(self._teach, self._teach, self._rename, self._open, self._close, self._reopen),
        ]
        if self._sections:
            for _ in range(1 + self._rng.randrange(3) + len(self._roster) // PEOPLE_PER_CHANGE):
                self._rng.choice(possible)()

    def _admit(self, user_id: str) -> None:
        """Enroll a student who has arrived in sections of the primary school."""
        school = self._roster.record(user_id)["roles"][STUDENT].get("school")
        sections = self._year.sections_at(school) if isinstance(school, str) else []
        (count,) = self._rng.choices(MEMBERSHIPS, weights=MEMBERSHIP_WEIGHTS)
        for section_id in self._rng.sample(sections, min(count, len(sections))):
            self._year.enroll(section_id, user_id)

    def _section(self) -> Record | None:
        """Choose a section, or None if it is not there any more."""
        section_id = self._rng.choice(self._sections)
        return self._year.record(SECTIONS, section_id) if self._year.has(SECTIONS, section_id) else None

    def _neighbor(self, section: Record) -> str | None:
        """Choose another section of the same school."""
        others = [each for each in self._year.sections_at(section.get("school") or "") if each != section["id"]]
        return self._rng.choice(others) if others else None

    def _student(self, section_id: str, but_not_in: str = "") -> str | None:
        """Choose a student of a section who is shared, and not in another section."""
        others = self._year.seen_students(but_not_in) if but_not_in else ()
        students = [each for each in self._year.seen_students(section_id) if each not in others]
        return self._rng.choice(students) if students else None

    def _join(self) -> None:
        """Enroll a student of one section in another one of the school."""
        if (
            (section := self._section())
            and (other := self._neighbor(section))
            and (student := self._student(other, but_not_in=section["id"]))
        ):
            self._year.enroll(section["id"], student)

    def _leave(self) -> None:
        if (section := self._section()) and (student := self._student(section["id"])):
            self._year.unenroll(section["id"], student)

    def _move(self) -> None:
        """Let a student go from one section to another one of the school."""
        if (
            (section := self._section())
            and (other := self._neighbor(section))
            and (student := self._student(section["id"], but_not_in=other))
        ):
            self._year.enroll(other, student)
            self._year.unenroll(section["id"], student)

    def _teach(self) -> None:
        """Give a section another primary teacher, or one teacher more, of those who teach at the school."""
        if not (section := self._section()) or not (other := self._neighbor(section)):
            return
        present = self._year.seen_teachers(section["id"])
        free = [each for each in self._year.seen_teachers(other) if each not in present]
        if not free:
            return
        teacher = self._rng.choice(free)
        if present and len(present) < MOST_TEACHERS and self._rng.random() < 0.5:  # noqa: PLR2004 - half of them
            self._year.assign(section["id"], [*present, teacher], section.get("teacher"))
        else:
            self._year.assign(section["id"], [teacher, *present[1:]], teacher)

    def _rename(self) -> None:
        """Give a record another name; most are sections."""
        (stream,) = self._rng.choices([stream for stream, _ in RENAMES], weights=[share for _, share in RENAMES])
        ids = self._sections if stream == SECTIONS else self._year.ids(stream)
        record_id = self._rng.choice(ids) if ids else ""
        if self._year.has(stream, record_id):
            record = self._year.record(stream, record_id)
            name = f"{record.get('title' if stream == RESOURCES else 'name') or 'Section'}"
            self._year.rename(stream, record_id, f"{name.partition(' #')[0]} #{self._rng.randrange(1, 1000)}")

    def _open(self) -> None:
        """Divide a large section: some of its students go on in a new one."""
        if (section := self._section()) and len(students := self._year.seen_students(section["id"])) > 1:
            kept = ("school", "course", "term_id", "subject", "grade", "teacher", "teachers")
            fields = {name: section[name] for name in kept if name in section}
            leaving = students[1::2]
            name = f"{section.get('name') or 'Section'} (2)"
            self._year.create(SECTIONS, {**fields, "name": name, "students": leaving})
            self._year.unenroll(section["id"], *leaving)

    def _close(self) -> None:
        if section := self._section():
            self._year.remove(SECTIONS, section["id"])

    def _reopen(self) -> None:
        if gone := self._year.gone(SECTIONS):
            self._year.restore(SECTIONS, self._rng.choice(gone))
