"""What do all contestants read? Fake rosters of the sandbox, served from answers that are written in advance.

Started with `users` or `all`, the number of districts and of people in each, and the people of each further district, it prints
a line of JSON with its address and what is right. It does so again for each line on its standard input: `share 0.01` lets a
hundredth of the people change, `records 1000` a thousand records, once each; after `delay 200`, each answer takes 200 milliseconds
more. It ends with its input.

With `all`, the other lists are written in advance too, and the roster is filled up to what large districts have. Everything else,
such as the events, is answered by the sandbox.
"""

import json
import random
import socketserver
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from pipelines.records.shared import GRADES
from pipelines.sandbox import ROLES, Sandbox
from pipelines.sandbox.app import MAX_LIMIT, App, Request, Response
from pipelines.sandbox.district import District
from pipelines.sandbox.people import Record
from pipelines.sandbox.server import HOST
from pipelines.sandbox.streams import COURSES, PLACES, SECTIONS

if TYPE_CHECKING:
    Answers = dict[tuple[str, str], bytes]

UNLIMITED = 10**9
"""Requests per minute: the benchmark asks what reading costs, not how long Clever makes one wait."""

USERS = tuple(f"users?limit={MAX_LIMIT}{role}" for role in ("", *(f"&role={role}" for role in ROLES)))
"""The first page of everybody and of each role view."""

OTHERS = tuple(stream if stream == "districts" else f"{stream}?limit={MAX_LIMIT}" for stream in PLACES)
"""The first page of every other list; Clever has the districts on one."""

MARKED = {"emails": "email", "addresses": "roles.student.location.address", "phones": "roles.contact.phone"}
"""The fields of people that get a text with the mark of a change, by what `truth` calls their number."""

COURSES_PER_PERSON = 0.03
FURTHER_STUDENTS = 2
"""How many courses a roster is filled up to, and how many students more each section gets.

A million people then have 30,000 courses, and six million places in 300,000 sections.
"""

SHARE_OF_SECTIONS = 4
"""One in so many single changes is of a section."""


class _Members(msgspec.Struct):
    students: list[str] = []
    teachers: list[str] = []


class _Section(msgspec.Struct):
    data: _Members


_read_section = msgspec.json.Decoder(_Section).decode


class Roster:
    """The people that are served, and every page of them; with ``is_whole``, of all other lists too."""

    def __init__(self, districts: int, users: int, *further: int, is_whole: bool) -> None:
        self._sandbox = Sandbox(districts=districts, users=users, gzip=False, rate_limit=UNLIMITED)
        for people in further:
            self._sandbox.add_district(people)
        self._app = App(self._sandbox)
        self._is_whole = is_whole
        self._nights = 0
        self._marked = dict.fromkeys(MARKED, 0)
        self._renamed: set[str] = set()
        self.answers: Answers = {}
        if is_whole:
            for district in self._sandbox.connected():
                _fill(district)
        self._write()

    def change(self, share: float) -> None:
        """Let a share of the people of each district change: one in ten leaves, and as many arrive.

        Of the others every second gets a new e-mail address and nothing else, as do all who are neither students nor contacts
        with an ID of the SIS. The remaining students move and get another grade, the remaining contacts get another phone. In a
        whole roster, who arrives takes a place in the sections of the one who leaves, and these sections get another name: of the
        sections, somewhat more change than of the people.
        """
        chance = self._begin_night()
        for district in self._sandbox.connected():
            roster = district.roster
            people = roster.ids()
            chosen = chance.sample(people, round(len(people) * share))
            leaving = len(chosen) // 10
            for user_id in chosen[:leaving]:
                self._sandbox.remove(user_id)
                arrived = self._sandbox.add_person(district.id)
                if self._is_whole:
                    self._replace(district, user_id, arrived)
            for number, user_id in enumerate(chosen[leaving:]):
                roles = roster.record(user_id)["roles"]
                if number % 2 and roles.get("student"):
                    self._mark_as("addresses", user_id, {"roles.student.grade": _other_grade(roles["student"], chance)})
                elif number % 2 and (roles.get("contact") or {}).get("sis_id"):
                    self._mark_as(
                        "phones", user_id, {"roles.contact.phone_type": chance.choice(("Cell", "Home", "Work"))}
                    )
                else:
                    self._mark_as("emails", user_id, {})
        self._write()

    def change_records(self, number: int) -> None:
        """Let so many records of a whole roster change once each, as so many events say: sections, and the e-mail addresses of people."""
        chance = self._begin_night()
        district, *_ = self._sandbox.connected()
        sections = number // SHARE_OF_SECTIONS
        for section_id in chance.sample(district.listing("v3.0", SECTIONS).ids, sections):
            self._rename(section_id, {})
        for user_id in chance.sample(district.roster.ids(), number - sections):
            self._mark_as("emails", user_id, {})
        self._write()

    def _begin_night(self) -> random.Random:
        """Begin another night; what happens in it follows from its number."""
        self._nights += 1
        self._marked = dict.fromkeys(MARKED, 0)
        self._renamed = set()
        return random.Random(self._nights)

    def _replace(self, district: District, left: str, arrived: str) -> None:
        """Let a person who arrived take a place in the sections of one who left, which get another name."""
        for section_id in district.year.sections_of(left):
            students = district.year.record(SECTIONS, section_id)["students"]
            self._rename(section_id, {"students": [*students, arrived]})

    def _rename(self, section_id: str, fields: Mapping[str, object]) -> None:
        """Change a section, whose name gets the mark of this change too."""
        self._sandbox.change_record(SECTIONS, section_id, {"name": f"{section_id}@{self._mark}", **fields})
        self._renamed.add(section_id)

    def _mark_as(self, what: str, user_id: str, fields: Mapping[str, str]) -> None:
        """Change a person, who gets a text with the mark of this change too, so that it can be counted."""
        text = f"{user_id}@{self._mark}"
        self._sandbox.change(user_id, {MARKED[what]: text, **fields})
        self._marked[what] += 1

    @property
    def truth(self) -> dict[str, int | str]:
        """What a right result has: people, roles, sections and their members, and how many texts end with the mark of the last change."""
        sizes = dict.fromkeys(("", *ROLES), 0)
        for district in self._sandbox.connected():
            for stream in sizes:
                sizes[stream] += len(district.listing("v3.0", "users", stream or None))
        users = sizes.pop("")
        members = [len({*section.students}) + len({*section.teachers}) for section in self._sections()]
        return {
            "users": users,
            "roles": sum(sizes.values()),
            "sections": len(members),
            "members": sum(members),
            "mark": self._mark,
            "names": len(self._renamed),
            **self._marked,
        }

    def _sections(self) -> Iterator[_Members]:
        """Who is in each section of a whole roster."""
        for district in self._sandbox.connected() if self._is_whole else ():
            for item in district.listing("v3.0", SECTIONS).items:
                yield _read_section(item).data

    @property
    def _mark(self) -> str:
        return f"night{self._nights}.example"

    def answer(self, authorization: str, target: str) -> bytes:
        """The whole answer to a request: one that was written in advance, or else what the sandbox says."""
        written = self.answers.get((authorization, target))
        return written if written is not None else self._written(self._ask(authorization, target))

    def _ask(self, authorization: str, target: str) -> Response:
        path, _, query = target.partition("?")
        return self._app.respond(Request("GET", path, query, {"authorization": authorization}))

    def _write(self) -> None:
        """Write every page of every list by following the links, as a client does."""
        answers: Answers = {}
        for token in self._sandbox.districts.values():
            for first in (*USERS, *OTHERS) if self._is_whole else USERS:
                target: str | None = f"/v3.0/{first}"
                while target is not None:
                    answer = self._ask(f"Bearer {token}", target)
                    answers[f"Bearer {token}", target] = self._written(answer)
                    target = _next(answer.body)
        self.answers = answers

    @staticmethod
    def _written(answer: Response) -> bytes:
        head = [f"HTTP/1.1 {answer.status} -", *(f"{name}: {value}" for name, value in answer.headers.items())]
        head += [f"Content-Length: {len(answer.body)}", "", ""]
        return "\r\n".join(head).encode() + answer.body


def _fill(district: District) -> None:
    """Give a district the courses of a large one, and each of its sections some students of the one before."""
    year = district.year
    courses = year.ids(COURSES)
    for number in range(len(courses), round(len(district.roster) * COURSES_PER_PERSON)):
        courses.append(year.create(COURSES, {"name": f"Course {number}", "number": f"{number:06d}"}))
    for place, (before, section_id) in enumerate(pairwise(year.ids(SECTIONS))):
        section = year.record(SECTIONS, section_id)
        section["students"] += year.record(SECTIONS, before)["students"][:FURTHER_STUDENTS]
        if section.get("course"):
            section["course"] = courses[place % len(courses)]
        year.put(SECTIONS, section)


def _other_grade(student: Record, chance: random.Random) -> str:
    return chance.choice([grade for grade in GRADES if grade != student.get("grade")])


def _next(page: bytes) -> str | None:
    links = json.loads(page[page.rindex(b'"links":') + len(b'"links":') : -1])
    return next((link["uri"] for link in links if link["rel"] == "next"), None)


class _Connection(socketserver.StreamRequestHandler):
    """Answers the GET requests of one connection until it is closed."""

    disable_nagle_algorithm = True
    server: "_Server"

    def handle(self) -> None:
        """Answer."""
        while request := self.rfile.readline():
            authorization = ""
            while (line := self.rfile.readline()).strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"authorization":
                    authorization = value.strip().decode()
            time.sleep(self.server.delay)
            self.connection.sendall(self.server.roster.answer(authorization, request.split()[1].decode()))


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, roster: Roster) -> None:
        self.roster = roster
        self.delay = 0.0
        """Seconds before each answer."""
        super().__init__((HOST, 0), _Connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent when a client went away."""


def main() -> None:
    """Serve until the standard input ends."""
    records, *sizes = sys.argv[1:]
    roster = Roster(*(int(size) for size in sizes), is_whole=records == "all")
    with _Server(roster) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://{HOST}:{server.server_address[1]}"
        print(json.dumps({"url": url, **roster.truth}), flush=True)  # noqa: T201
        for line in sys.stdin:
            what, number = line.split()
            if what == "share":
                roster.change(float(number))
            elif what == "delay":
                server.delay = int(number) / 1000
            else:
                roster.change_records(int(number))
            print(json.dumps({"url": url, **roster.truth}), flush=True)  # noqa: T201
        server.shutdown()


if __name__ == "__main__":
    main()
