"""What the tests of the whole product stand on: its command as a process, and Dagster's UI as a server."""

import contextlib
import json
import multiprocessing
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial

CHECKOUT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PATIENCE = 120.0
"""Seconds after which something that should have happened is given up."""


def settings(trial: "Trial | None" = None) -> dict[str, str]:
    """The environment of a process: ours without Clever and Dagster, and the settings that lead to the sandbox."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("CLEVER_", "DAGSTER_"))}
    bare["PYTHONPATH"] = str(CHECKOUT)
    if trial is None:
        return bare
    return bare | {
        "CLEVER_API_URL": trial.url,
        "CLEVER_OAUTH_URL": trial.url,
        "CLEVER_CLIENT_ID": "sandbox",
        "CLEVER_CLIENT_SECRET": "sandbox",
        "CLEVER_WAREHOUSE_DIR": str(trial.folder),
    }


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str


FORKING = multiprocessing.get_context("forkserver")
"""Makes processes that have imported the libraries of others already, which takes longer than most commands."""

FORKING.set_forkserver_preload(
    ["alembic.migration", "dagster", "duckdb", "grpc", "httpx", "pytest", "rich.console", "sqlalchemy"]
)


def forked(arguments: Sequence[str], folder: Path, env: Mapping[str, str]) -> Ended:
    """Run the program of the command in a process of its own that has the libraries; nothing of ours is imported in it before."""
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        process = FORKING.Process(target=_command, args=(arguments, folder, dict(env), out.name, err.name))
        process.start()
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            pytest.fail(f"`{' '.join(arguments)}` has not ended within {PATIENCE} s")
        return Ended(process.exitcode, Path(out.name).read_text(), Path(err.name).read_text())


def _command(arguments: Sequence[str], folder: Path, env: Mapping[str, str], out: str, err: str) -> None:
    program = BIN / "clever-warehouse"
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    for number, name in ((1, out), (2, err)):
        with Path(name).open("ab") as file:
            os.dup2(file.fileno(), number)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
    sys.argv = [str(program), *arguments]
    sys.path[:] = [str(BIN), *(entry for entry in sys.path if entry)]
    runpy.run_path(str(program), run_name="__main__")


@dataclass
class Terminal:
    """Runs clever-warehouse as a person does, in a folder of its own."""

    folder: Path

    def run(
        self, *arguments: str, on: "Trial | None" = None, given: Mapping[str, str] | None = None, **more: str
    ) -> Ended:
        """Run a command; ``given`` and ``more`` are settings, and an empty one is as if it were not set."""
        env = settings(on) | dict(given or {}) | more
        ended = forked(arguments, self.folder, env)
        said = ended.out + ended.err
        assert "Traceback" not in said
        assert "\x1b" not in said
        if on is not None:
            assert not [token for token in on.sandbox.districts.values() if token in said]
        return ended

    def start(self, *arguments: str, on: "Trial | None" = None, **more: Any) -> subprocess.Popen[str]:
        """Start a command and leave it running; ``more`` is Popen's."""
        return subprocess.Popen(
            [BIN / "clever-warehouse", *arguments], cwd=self.folder, env=settings(on), text=True, **more
        )


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Return a terminal."""
    return Terminal(tmp_path)


@dataclass
class Ui:
    """Dagster's UI, asked over GraphQL as its pages do."""

    url: str
    trial: "Trial"
    home: Path
    location: dict[str, str] = field(
        default_factory=lambda: {"repositoryLocationName": "clever_warehouse", "repositoryName": "__repository__"}
    )

    def ask(self, query: str, **variables: Any) -> Any:
        """Put a query to the UI."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.url}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            found = json.load(answer)
        assert "errors" not in found, found
        return found["data"]

    def launch(
        self,
        tags: Mapping[str, str] | None = None,
        *,
        job: str = "sync",
        selection: list[list[str]] | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> str:
        """Launch a run as the launch button does, and wait for its end; returns how it ended."""
        run_id = self.begin(tags, job=job, selection=selection, config=config)
        return str(self.until(lambda: self.ended(run_id)))

    def begin(
        self,
        tags: Mapping[str, str] | None = None,
        *,
        job: str = "sync",
        selection: list[list[str]] | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> str:
        """Launch a run as the launch button does; returns its id."""
        selector: dict[str, Any] = {**self.location, "jobName": job}
        if selection is not None:
            selector["assetSelection"] = [{"path": path} for path in selection]
        parameters = {
            "selector": selector,
            "mode": "default",
            "runConfigData": config or {},
            "executionMetadata": {"tags": [{"key": key, "value": value} for key, value in (tags or {}).items()]},
        }
        launched = self.ask(
            """mutation($parameters: ExecutionParams!) {launchRun(executionParams: $parameters) {
                __typename ... on LaunchRunSuccess {run {runId}} ... on PythonError {message}}}""",
            parameters=parameters,
        )["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["runId"])

    def events(self, run_id: str) -> list[str]:
        """The kinds of the events of a run."""
        return [str(event["eventType"]) for event in self._events(run_id)]

    def messages(self, run_id: str) -> list[str]:
        """The messages of the events of a run."""
        return [str(event["message"]) for event in self._events(run_id)]

    def _events(self, run_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask(
            """query($id: ID!) {logsForRun(runId: $id) {
                ... on EventConnection {events {... on MessageEvent {eventType message}}}}}""",
            id=run_id,
        )["logsForRun"]["events"]
        return found

    def terminate(self, run_id: str) -> str:
        """Terminate a run as the button does; returns the kind of the answer."""
        answer = self.ask(
            "mutation($id: String!) {terminateRun(runId: $id) {__typename ... on PythonError {message}}}", id=run_id
        )
        return str(answer["terminateRun"]["__typename"])

    def reexecute(self, run_id: str) -> str:
        """Re-execute a run as its page does, and wait for the end of the new one; returns how it ended."""
        launched = self.ask(
            """mutation($parameters: ReexecutionParams!) {launchRunReexecution(reexecutionParams: $parameters) {
                __typename ... on LaunchRunSuccess {run {runId}} ... on PythonError {message}}}""",
            parameters={"parentRunId": run_id, "strategy": "ALL_STEPS", "useParentRunTags": True},
        )["launchRunReexecution"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(self.until(lambda: self.ended(launched["run"]["runId"])))

    def last_run(self) -> str:
        """The ID of the run that was launched last."""
        return str(
            self.ask("{runsOrError(limit: 1) {... on Runs {results {runId}}}}")["runsOrError"]["results"][0]["runId"]
        )

    def ended(self, run_id: str) -> str | None:
        """How a run ended, None while it goes on."""
        status = self.ask("query($id: ID!) {runOrError(runId: $id) {... on Run {status}}}", id=run_id)["runOrError"][
            "status"
        ]
        return str(status) if status in {"SUCCESS", "FAILURE", "CANCELED"} else None

    def backfill(self, partitions: list[str], **what: Any) -> str:
        """Launch a backfill as the launch button does for several partitions; returns its id."""
        launched = self.ask(
            """mutation($parameters: LaunchBackfillParams!) {launchPartitionBackfill(backfillParams: $parameters) {
                __typename ... on LaunchBackfillSuccess {backfillId} ... on PythonError {message}}}""",
            parameters={"partitionNames": partitions, "tags": [], **what},
        )["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", launched
        return str(launched["backfillId"])

    def backfilled(self, backfill_id: str) -> tuple[str, list[str]]:
        """Wait for a backfill's end; returns how it ended, and how each of its runs did."""

        def over() -> tuple[str, list[str]] | None:
            found = self.ask(
                """query($id: String!) {partitionBackfillOrError(backfillId: $id) {
                    ... on PartitionBackfill {status runs(limit: 20) {status}}}}""",
                id=backfill_id,
            )["partitionBackfillOrError"]
            runs = [run["status"] for run in found["runs"]]
            return (found["status"], runs) if found["status"].startswith("COMPLETED") else None

        ended: tuple[str, list[str]] = self.until(over)
        return ended

    def partitions(self, *asset: str) -> dict[str, list[str]]:
        """The materialized and the failed partitions of an asset."""
        (node,) = self.ask(
            """query($keys: [AssetKeyInput!]) {assetNodes(assetKeys: $keys) {assetPartitionStatuses {
                ... on DefaultPartitionStatuses {materializedPartitions failedPartitions}}}}""",
            keys=[{"path": asset}],
        )["assetNodes"]
        found: dict[str, list[str]] = node["assetPartitionStatuses"]
        return found

    def until(self, happened: Callable[[], Any], patience: float = PATIENCE) -> Any:
        """Wait until something has happened, and give what it gave."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            found = happened()
            if found:
                return found
            time.sleep(0.3)
        return pytest.fail(f"did not happen within {patience} s")


def free_port() -> int:
    """Return a port that no one listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def serving_ui(trial: "Trial", home: Path, *, cwd: Path, env: Mapping[str, str]) -> Iterator[Ui]:
    """Start the UI as `make ui` does, on a free port; ``home`` is where its Dagster instance is expected."""
    port = free_port()
    with (home.parent / f"{home.name}.log").open("w") as log:
        running = subprocess.Popen(
            [BIN / "clever-warehouse", "ui", "--port", str(port)],
            cwd=cwd,
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # Dagster's processes end with Ctrl-C; a shell that started us in the background has switched that off.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
        )
        try:
            made = Ui(f"http://127.0.0.1:{port}", trial, home)

            def answers() -> bool:
                assert running.poll() is None, Path(log.name).read_text()
                with contextlib.suppress(OSError):
                    return bool(made.ask("{version}"))
                return False

            made.until(answers)
            yield made
        finally:
            end(running)


@pytest.fixture(scope="module")
def ui(begin: "Begin", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    """Return the UI on a free port, with a sandbox of three districts."""
    home = tmp_path_factory.mktemp("dagster")
    with (
        begin(districts=3, users=30) as trial,
        serving_ui(trial, home, cwd=CHECKOUT, env=settings(trial) | {"DAGSTER_HOME": str(home)}) as made,
    ):
        yield made


def end(running: subprocess.Popen[bytes]) -> None:
    """End a process with all that it has started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(15)
