"""What do all contestants read? fake rosters of the sandbox, served from answers that are written in advance.

Started with the number of districts and of people in each, and the people of each further district, it prints a line of
JSON with its address and what is right. It does so again for each line on its standard input, each of which lets a share of
the people change. It ends with its input.
"""

import json
import random
import socketserver
import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipelines.records.shared import GRADES
from pipelines.sandbox import ROLES, Sandbox
from pipelines.sandbox.app import MAX_LIMIT, App, Request, Response
from pipelines.sandbox.people import Record
from pipelines.sandbox.server import HOST

if TYPE_CHECKING:
    Answers = dict[tuple[str, str], bytes]

UNLIMITED = 10**9
"""Requests per minute: the benchmark asks what reading costs, not how long Clever makes one wait."""

STREAMS = ("", *(f"&role={role}" for role in ROLES))
"""The first page of everybody and of each role view, after the limit."""

MARKED = {"emails": "email", "addresses": "roles.student.location.address", "phones": "roles.contact.phone"}
"""The fields that get a text with the mark of a change, by what `truth` calls their number."""


class Roster:
    """The people that are served, and every page of them."""

    def __init__(self, districts: int, users: int, *further: int) -> None:
        self._sandbox = Sandbox(districts=districts, users=users, gzip=False, rate_limit=UNLIMITED)
        for people in further:
            self._sandbox.add_district(people)
        self._app = App(self._sandbox)
        self._nights = 0
        self._marked = dict.fromkeys(MARKED, 0)
        self.answers: Answers = {}
        self._write()

    def change(self, share: float) -> None:
        """Let a share of the people of each district change: one in ten leaves, and as many arrive.

        Of the others every second gets a new e-mail address and nothing else, as do all who are neither students nor contacts
        with an ID of the SIS. The remaining students move and get another grade, the remaining contacts get another phone.
        """
        self._nights += 1
        self._marked = dict.fromkeys(MARKED, 0)
        chance = random.Random(self._nights)
        for district_id in self._sandbox.districts:
            roster = self._sandbox.roster(district_id)
            people = roster.ids()
            chosen = chance.sample(people, round(len(people) * share))
            leaving = len(chosen) // 10
            for user_id in chosen[:leaving]:
                self._sandbox.remove(user_id)
                self._sandbox.add_person(district_id)
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

    def _mark_as(self, what: str, user_id: str, fields: Mapping[str, str]) -> None:
        """Change a person, who gets a text with the mark of this change too, so that it can be counted."""
        text = f"{user_id}@{self._mark}"
        self._sandbox.change(user_id, {MARKED[what]: text, **fields})
        self._marked[what] += 1

    @property
    def truth(self) -> dict[str, int | str]:
        """What a right result has: people, roles, and how many texts end with the mark of the last change."""
        sizes = dict.fromkeys(("", *ROLES), 0)
        for token in self._sandbox.districts.values():
            district = self._sandbox.district_of_token(token)
            if district is not None:
                for stream in sizes:
                    sizes[stream] += len(district.listing("v3.0", "users", stream or None))
        users = sizes.pop("")
        return {"users": users, "roles": sum(sizes.values()), "mark": self._mark, **self._marked}

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
        """Write every page of every stream by following the links, as a client does."""
        answers: Answers = {}
        for token in self._sandbox.districts.values():
            for stream in STREAMS:
                target: str | None = f"/v3.0/users?limit={MAX_LIMIT}{stream}"
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
            self.connection.sendall(self.server.roster.answer(authorization, request.split()[1].decode()))


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, roster: Roster) -> None:
        self.roster = roster
        super().__init__((HOST, 0), _Connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent when a client went away."""


def main() -> None:
    """Serve until the standard input ends."""
    roster = Roster(*(int(argument) for argument in sys.argv[1:]))
    with _Server(roster) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://{HOST}:{server.server_address[1]}"
        print(json.dumps({"url": url, **roster.truth}), flush=True)  # noqa: T201
        for line in sys.stdin:
            roster.change(float(line))
            print(json.dumps({"url": url, **roster.truth}), flush=True)  # noqa: T201
        server.shutdown()


if __name__ == "__main__":
    main()
