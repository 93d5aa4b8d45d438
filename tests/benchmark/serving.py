"""How is the server started, asked, and ended?"""

import base64
import json
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ROOT / ".venv" / "bin"
"""Where the product's own commands are."""

USERS, ALL = "users", "all"
"""What is served and synced: the people alone, or the whole roster."""

PATIENCE = 10
"""Seconds the server has to end."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a right result has."""

    users: int
    roles: int
    sections: int
    """Of a whole roster; of others none are counted."""
    members: int
    """The students and the teachers of all sections."""
    mark: str
    """How the texts end that the last change gave."""
    emails: int
    """How many people have such an e-mail address."""
    addresses: int
    """How many students live at such an address."""
    phones: int
    """How many contacts have such a phone."""
    names: int
    """How many sections have such a name."""


class Served:
    """A server that is running."""

    def __init__(self, districts: int, users: int, *, records: str) -> None:
        self.districts = districts
        self.users = users
        self._process = subprocess.Popen(
            [PRODUCT / "python", "-m", "tests.benchmark.server", records, str(districts), str(users)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.truth = self._told()
        self.tokens = self._tokens()

    def change(self, share: float) -> None:
        """Let a share of the people change, and in a whole roster sections too."""
        self._ask(f"share {share}")

    def change_records(self, number: int) -> None:
        """Let so many records of a whole roster change once each."""
        self._ask(f"records {number}")

    def delay(self, milliseconds: int) -> None:
        """Let each answer take so much longer."""
        self._ask(f"delay {milliseconds}")

    def _ask(self, line: str) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
        self.truth = self._told()

    @property
    def processor_seconds(self) -> float:
        """What the server has cost so far."""
        import psutil  # noqa: PLC0415 (only the comparison with dlt has it)

        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system)

    def close(self) -> None:
        """End it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _told(self) -> Truth:
        told = json.loads(self._process.stdout.readline() if self._process.stdout is not None else "")
        self.url = str(told.pop("url"))
        return Truth(**told)

    def _tokens(self) -> list[str]:
        basic = base64.b64encode(b"sandbox:sandbox").decode()
        request = urllib.request.Request(
            f"{self.url}/oauth/tokens?owner_type=district", headers={"Authorization": f"Basic {basic}"}
        )
        with urllib.request.urlopen(request) as answer:
            return [token["access_token"] for token in json.load(answer)["data"]]


@contextmanager
def served(districts: int, users: int, records: str = USERS) -> Iterator[Served]:
    """A server of so many districts with so many people each, and of ``users`` or the records of ``all`` types; ended with the block."""
    server = Served(districts, users, records=records)
    try:
        yield server
    finally:
        server.close()
