"""The processes that deploy/compose.yaml starts, with its commands and environment, beside PostgreSQL and an S3 server of this machine."""

import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import yaml

from pipelines.sandbox import Slow
from tests.end_to_end.conftest import BIN, CHECKOUT, PATIENCE, Ended, Ui, end, free_port
from tests.lakes import Postgres, object_storage, postgres

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial

pytestmark = pytest.mark.xdist_group("compose")  # the processes are started once
DEPLOY = CHECKOUT / "deploy"
PAGE = (CHECKOUT / "docs" / "deployment.md").read_text(encoding="utf-8")
SECRETS = {
    "POSTGRES_PASSWORD": "a-password-of-postgres",
    "DAGSTER_POSTGRES_PASSWORD": "a-password-of-dagster",
    "LAKE_POSTGRES_PASSWORD": "a-password-of-the-lake",
    "STORAGE_SECRET_KEY": "a-secret-of-the-storage",
}
"""What is written in deploy/.env."""
EMPTY = (".logs_queue", "logs")
"""Folders of the image that Dagster's webserver creates otherwise."""
AHEAD = timedelta(seconds=75)
"""How long before the schedule's time the code server is started again, at least."""


THEIRS = """
import dagster as dg

@dg.asset
def orders(): return 1

@dg.op
def fail(): raise Exception("theirs")

@dg.job(name="sync_all")
def failing(): fail()

@dg.schedule(job_name="sync_all", cron_schedule="0 0 1 1 *")
def daily_sync(): return dg.RunRequest()

defs = dg.Definitions([orders], schedules=[daily_sync], jobs=[failing, dg.define_asset_job("order", [orders])])
"""
"""The code of another team, with a job and a schedule of the same names as ours."""
LOCATION = """  - grpc_server: {{host: 127.0.0.1, port: {}, location_name: theirs}}
"""


@dataclass
class Stack:
    """The services of the file, with places of this machine in place of those of the containers."""

    trial: "Trial"
    folder: Path
    """Where the volume, the logs, and the folder of the image with Dagster's files are."""
    server: Postgres
    places: Mapping[str, str]
    """What is written in the files, and what is written for it here."""
    given: dict[str, str]
    """The content of clever.env."""
    port: int
    other_port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Write Dagster's files where the image has them."""
        for name in EMPTY:
            (self.home / name).mkdir(parents=True)
        for name in ("dagster.yaml", "workspace.yaml"):
            (self.home / name).write_text(self.read(name), encoding="utf-8")
        (self.folder / "warehouse").mkdir()
        (self.folder / "theirs.py").write_text(THEIRS, encoding="utf-8")
        with (self.home / "workspace.yaml").open("a", encoding="utf-8") as workspace:
            workspace.write(LOCATION.format(self.other_port))
        self.services = yaml.safe_load(self.read("compose.yaml"))["services"]

    @property
    def home(self) -> Path:
        """What is /opt/dagster in the image."""
        return self.folder / "dagster"

    def read(self, name: str) -> str:
        """A file of deploy/."""
        text = (DEPLOY / name).read_text(encoding="utf-8")
        for written, here in self.places.items():
            text = text.replace(written, here)
        return re.sub(r"\$\{(\w+):\?\}", lambda found: SECRETS[found[1]], text)

    def environment(self, service: str) -> dict[str, str]:
        """The environment of a service, and what the processes of a machine have."""
        foreign = ("CLEVER_", "DAGSTER_", "AWS_", "PG")
        ours = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        declared = self.services[service]
        given = self.given if "env_file" in declared else {}
        path = os.pathsep.join([str(BIN), os.environ["PATH"]])
        return {**ours, "PATH": path, **given, **declared["environment"]}

    def run(self, service: str, *command: str, code: int = 0) -> Ended:
        """Run a command in the place of a service, as `docker compose exec` does; its own command if none is given."""
        done = subprocess.run(
            command or self.services[service]["command"],
            cwd=self.folder / "warehouse",
            env=self.environment(service),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == code, (service, command, done.stdout, done.stderr)
        return Ended(done.returncode, done.stdout, done.stderr)

    def start(self, service: str) -> None:
        """Start a service, and wait until its health check succeeds."""
        with (self.folder / f"{service}.log").open("ab") as log:
            self.running[service] = subprocess.Popen(
                self.services[service]["command"],
                cwd=self.folder / "warehouse",
                env=self.environment(service),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        while not self.is_healthy(service):
            said = (self.folder / f"{service}.log").read_text(encoding="utf-8")
            assert self.running[service].poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(1)

    def start_another_location(self) -> None:
        """Start the code server of another team, without our settings, as a process of its own."""
        command = ["--python-file", "theirs.py", "--host", "127.0.0.1", "--port", str(self.other_port)]
        with (self.folder / "theirs.log").open("ab") as log:
            self.others = subprocess.Popen(
                ["dagster", "code-server", "start", *command, "--location-name", "theirs"],
                cwd=self.folder,
                env=self.environment("daemon"),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def restart(self, service: str) -> None:
        """Stop a service as Docker does, and start it."""
        self.running[service].send_signal(signal.SIGTERM)
        self.running[service].wait(PATIENCE)
        self.start(service)

    def is_healthy(self, service: str) -> bool:
        """Whether the health check of a service succeeds."""
        kind, *command = self.services[service]["healthcheck"]["test"]
        assert kind == "CMD"
        env = self.environment(service)
        if service == "postgres":
            env["PATH"] = os.pathsep.join([str(self.server.binaries), env["PATH"]])
        return subprocess.run(command, env=env, capture_output=True, check=False).returncode == 0


@contextmanager
def deployed(begin: "Begin", folder: Path) -> Iterator[Stack]:
    """Start everything in the order that the file gives."""
    code, webserver = free_port(), free_port()
    with ExitStack() as stack:
        trial = stack.enter_context(begin(districts=2, users=60))
        server, storage = stack.enter_context(postgres()), stack.enter_context(object_storage())
        made = Stack(
            trial,
            folder,
            server,
            {
                "0.0.0.0": "127.0.0.1",
                "host: code": "host: 127.0.0.1",
                "4000": str(code),
                "3000": str(webserver),
                "hostname: postgres": "hostname: 127.0.0.1",
                "host=postgres": "host=127.0.0.1",
                "5432": str(server.port),
                "storage:7070": f"127.0.0.1:{storage.port}",
                "/srv/clever": str(folder / "warehouse"),
                "/opt/dagster": str(folder / "dagster"),
            },
            {
                "CLEVER_API_URL": trial.url,
                "CLEVER_OAUTH_URL": trial.url,
                "CLEVER_CLIENT_ID": "sandbox",
                "CLEVER_CLIENT_SECRET": "sandbox",
                "CLEVER_HOLD_MIN_RECORDS": "1",
            },
            webserver,
            free_port(),
        )
        create_databases(made)
        assert made.is_healthy("postgres")
        made.run("tables")
        try:
            made.start_another_location()
            for service in ("code", "webserver", "daemon"):
                made.start(service)
            yield made
        finally:
            for running in (*made.running.values(), made.others):
                end(running)


def create_databases(stack: Stack) -> None:
    """Run deploy/postgres.sql as PostgreSQL's image does."""
    psql = ["psql", "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-f", str(DEPLOY / "postgres.sql")]
    env = {**stack.environment("postgres"), "PATH": f"{stack.server.binaries}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([*psql, stack.server.dsn("postgres")], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def stack(begin: "Begin", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Return the running services."""
    with deployed(begin, tmp_path_factory.mktemp("compose")) as made:
        yield made


def status(stack: Stack) -> list[dict[str, Any]]:
    """The districts as the command shows them in the container of the code."""
    shown = stack.run("code", "clever-warehouse", "status", "--json").out
    return list(msgspec.json.decode(shown)["districts"])


def runs(ui: Ui, schedule: str) -> list[dict[str, str]]:
    """The runs that a schedule has started and that have ended."""
    found = ui.ask(
        """query($name: String!) {runsOrError(filter: {tags: [{key: "dagster/schedule_name", value: $name}]}) {
            ... on Runs {results {runId status}}}}""",
        name=schedule,
    )["runsOrError"]["results"]
    return [run for run in found if run["status"] in {"SUCCESS", "FAILURE", "CANCELED"}]


def is_written_down(stack: Stack, secret: str) -> bool:
    """Whether Dagster's database, its files, or a command line has a secret."""
    environment = {**stack.environment("postgres"), "PATH": str(stack.server.binaries)}
    dump = subprocess.run(
        [stack.server.binaries / "pg_dump", stack.server.dsn("dagster")],
        env=environment,
        capture_output=True,
        check=True,
    ).stdout
    files = [file.read_bytes() for file in stack.folder.rglob("*") if file.is_file() and "warehouse" not in file.parts]
    lines = [Path(f"/proc/{process.pid}/cmdline").read_bytes() for process in stack.running.values()]
    return any(secret.encode() in text for text in (dump, *files, *lines))


def test_services_of_the_compose_file_sync_by_schedule_hold_and_recover(stack: Stack) -> None:
    ui, trial = Ui(f"http://127.0.0.1:{stack.port}", stack.trial, stack.folder), stack.trial
    turned_on = ui.ask(
        "mutation($of: ScheduleSelector!) {startSchedule(scheduleSelector: $of) {__typename}}",
        of={**ui.location, "scheduleName": "daily_sync"},
    )
    assert turned_on["startSchedule"]["__typename"] == "ScheduleStateResult"

    # A run whose process is killed ends nowhere by itself.
    fault = trial.sandbox.inject(Slow(600), stream="users", times=1)
    killed = ui.begin(job="sync_all")
    process = ui.until(lambda: re.search(r"\(pid: (\d+)\)", " ".join(ui.messages(killed))))
    ui.until(lambda: fault.struck)
    os.kill(int(process[1]), signal.SIGKILL)

    stack.given["CLEVER_SYNC_TIME"] = f"{datetime.now(UTC) + AHEAD + timedelta(minutes=1):%H:%M}"
    stack.restart("code")
    (run,) = ui.until(lambda: runs(ui, "daily_sync"), 2 * AHEAD.total_seconds() + PATIENCE)
    assert run["status"] == "SUCCESS", ui.messages(run["runId"])
    assert ui.ended(killed) == "FAILURE"
    assert [each["outcome"] for each in status(stack)] == ["applied", "applied"]

    district = trial.districts[0]
    students = trial.sandbox.roster(district).ids("student")
    for user_id in students[: len(students) // 2]:
        trial.sandbox.remove(user_id)
    assert ui.launch(job="sync_all") == "SUCCESS"
    (digest,) = [found for each in status(stack) if (found := each["hold_digest"])]
    decided = {"digest": digest, "reason": "a school has left", "decided_by": "someone"}
    assert ui.launch(job="approve_hold", config=decided) == "SUCCESS"
    assert [each["hold_digest"] for each in status(stack)] == [None, None]

    assert all(stack.is_healthy(service) for service in stack.running)
    assert sorted(file.name for file in stack.home.rglob("*")) == sorted([*EMPTY, "dagster.yaml", "workspace.yaml"])
    secrets = [*SECRETS.values(), *trial.sandbox.districts.values()]
    assert [secret for secret in secrets if is_written_down(stack, secret)] == []


def test_commands_that_the_page_runs_in_containers_end_well(stack: Stack) -> None:
    inside = re.findall(r"^    docker compose exec (\w+) (.+)$", PAGE, re.MULTILINE)
    assert len(inside) == 3
    for service, command in inside:
        stack.run(service, *shlex.split(command))


def test_ui_of_the_command_refuses_to_start_a_second_daemon(stack: Stack) -> None:
    refused = stack.run("code", "clever-warehouse", "ui", code=2)
    assert "has a daemon already, and a second one would start each scheduled run again" in refused.err


def test_missing_password_and_unreachable_database_are_sentences(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = stack.services["code"]["environment"]
    monkeypatch.delitem(declared, "DAGSTER_POSTGRES_PASSWORD")
    missing = stack.run("code", "clever-warehouse", "sync", code=2)
    assert "names the variable DAGSTER_POSTGRES_PASSWORD, which is not set" in missing.err
    monkeypatch.setitem(declared, "DAGSTER_POSTGRES_PASSWORD", "x")
    elsewhere = stack.folder / "elsewhere"
    elsewhere.mkdir()
    text = (stack.home / "dagster.yaml").read_text(encoding="utf-8")
    (elsewhere / "dagster.yaml").write_text(text.replace(f"port: {stack.server.port}", "port: 1"), encoding="utf-8")
    monkeypatch.setitem(declared, "DAGSTER_HOME", str(elsewhere))
    unreachable = stack.run("code", "clever-warehouse", "sync", code=1)
    assert "See that the database runs and accepts this user" in unreachable.err
    assert "Traceback" not in missing.err + unreachable.err


def test_page_copies_examples_that_there_are_and_starts_the_code_server_as_the_file_does() -> None:
    copied = re.findall(r"^    cp (\S+) \S+$", PAGE, re.MULTILINE)
    assert [name for name in copied if not (DEPLOY / name).is_file()] == []
    (command,) = re.findall(r"^    DAGSTER_HOME=\S+ \.venv/bin/(dagster code-server .*)$", PAGE, re.MULTILINE)
    declared = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]["code"]["command"]
    assert shlex.split(command.replace("127.0.0.1", "0.0.0.0")) == declared


def test_runs_that_are_under_way_together_end_and_leave_another_location_alone(stack: Stack) -> None:
    ui, trial = Ui(f"http://127.0.0.1:{stack.port}", stack.trial, stack.folder), stack.trial
    theirs = Ui(ui.url, trial, stack.folder, {**ui.location, "repositoryLocationName": "theirs"})
    for together in (1, 2, 4):
        chosen = [trial.districts[number % 2] for number in range(together)]
        begun = [
            ui.begin(job="sync_all", config={"ops": {"sync_districts": {"config": {"districts": [each]}}}})
            for each in chosen
        ]
        ordered = theirs.begin(job="order")
        assert [ui.until(partial(ui.ended, run)) for run in begun] == ["SUCCESS"] * together
        # It may have waited until one of ours had ended: four runs have a slot.
        assert theirs.until(partial(theirs.ended, ordered)) == "SUCCESS"
    assert theirs.launch(job="sync_all") == "FAILURE"
    assert jobs(theirs) == {"order", "sync_all"}
    assert of_location(theirs, "theirs") == ["FAILURE", "SUCCESS", "SUCCESS", "SUCCESS"]
    assert "FAILURE" not in of_location(ui, "clever_warehouse")[:7]


def jobs(ui: Ui) -> set[str]:
    """The jobs that the page of a location shows."""
    found = ui.ask(
        """query($of: RepositorySelector!) {repositoryOrError(repositorySelector: $of) {
            ... on Repository {jobs {name}}}}""",
        of=ui.location,
    )["repositoryOrError"]["jobs"]
    return {job["name"] for job in found if not job["name"].startswith("__")}


def of_location(ui: Ui, location: str) -> list[str]:
    """How the runs of a location ended, the latest first."""
    tags = [{"key": ".dagster/repository", "value": f"__repository__@{location}"}]
    found = ui.ask(
        "query($tags: [ExecutionTag!]) {runsOrError(filter: {tags: $tags}) {... on Runs {results {status}}}}", tags=tags
    )["runsOrError"]["results"]
    return [run["status"] for run in found]
