"""What the tests of the assets stand on: a sandbox, a warehouse and a real Dagster instance, with the settings that join them."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

from assets import instance
from assets.definitions import build
from assets.districts import district_partitions
from assets.location import IN_LOCATION
from assets.names import DistrictNames
from assets.storage import EVENTS_PER_TRANSACTION
from pipelines.progress import Report, silent

if TYPE_CHECKING:
    from tests.conftest import Begin, Trial

QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}


@dataclass
class Deployment:
    """The assets, to be run in this process, and what Dagster shows of them."""

    trial: "Trial"
    dagster: dg.DagsterInstance

    @property
    def districts(self) -> list[str]:
        """The ids of the connected districts, in ascending order."""
        return self.trial.districts

    def named(self, district_id: str) -> str:
        """How a district is shown to people, once its name is published."""
        return DistrictNames(self.trial.warehouse).named(district_id)

    def run(
        self,
        *,
        districts: Sequence[str] = (),
        selection: Sequence[dg.AssetKey] | None = None,
        progress: Report = silent,
        tags: Mapping[str, str] | None = None,
        **more: Any,
    ) -> dg.ExecuteInProcessResult:
        """Run job `sync`, as if our code location had started it; ``more`` is Dagster's (partition_key)."""
        config: dict[str, Any] = {"loggers": QUIET, "ops": {"sync_roster": {"config": {"districts": list(districts)}}}}
        result = (
            build(progress)
            .resolve_job_def("sync")
            .execute_in_process(
                instance=self.dagster,
                run_config=config,
                raise_on_error=False,
                asset_selection=None if selection is None else list(selection),
                tags={**IN_LOCATION, **(tags or {})},
                **more,
            )
        )
        for event in result.all_events:
            if event.is_step_failure and event.step_failure_data.user_failure_data is None:
                pytest.fail(f"The run crashed: {event.step_failure_data.error}")
        return result

    def run_range(self, first: str, last: str) -> dg.ExecuteInProcessResult:
        """Run job `sync` for a range of partitions, as a backfill does."""
        tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
        return self.run(tags=tags)

    def register(self, *districts: str) -> None:
        """Make a partition for each district, or for each that is connected."""
        self.dagster.add_dynamic_partitions("district", list(districts or self.districts))

    def partitions(self, stream: str = "users") -> dict[str, str | None]:
        """What Dagster shows of each registered district."""
        keys = sorted(self.dagster.get_dynamic_partitions("district"))
        found = self.dagster.get_status_by_partition(dg.AssetKey(["clever", stream]), keys, district_partitions)
        return {key: status and status.value for key, status in (found or {}).items()}

    def materialization(self, *path: str, partition: str | None = None) -> dg.AssetMaterialization | None:
        """The latest materialization of an asset."""
        wanted = dg.AssetRecordsFilter(
            asset_key=dg.AssetKey(list(path)), asset_partitions=None if partition is None else [partition]
        )
        records = self.dagster.fetch_materializations(wanted, limit=1).records
        return records[0].asset_materialization if records else None

    def figures(self, *path: str, partition: str | None = None) -> dict[str, Any]:
        """The metadata of the latest materialization of an asset."""
        found = self.materialization(*path, partition=partition)
        assert found is not None
        return {name: value.value for name, value in found.metadata.items()}


OpenDeployment = Callable[..., AbstractContextManager[Deployment]]


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a new DAGSTER_HOME to copy: Dagster makes its databases anew by all migrations that it ever had, which takes a second."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(home))
        with instance.opened():
            return home


@pytest.fixture(scope="session")
def open_deployment(begin: "Begin", new_home: Path, tmp_path_factory: pytest.TempPathFactory) -> OpenDeployment:
    """Return a function that opens a deployment with a sandbox made from the arguments."""

    @contextmanager
    def opening(**sandbox: Any) -> Iterator[Deployment]:
        with begin(**{"districts": 3, "users": 30, **sandbox}) as trial, pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(("CLEVER_", "DAGSTER_"))]:
                patch.delenv(name)
            for name, value in {
                "CLEVER_API_URL": trial.url,
                "CLEVER_OAUTH_URL": trial.url,
                "CLEVER_CLIENT_ID": "sandbox",
                "CLEVER_CLIENT_SECRET": "sandbox",
                "CLEVER_WAREHOUSE_DIR": str(trial.folder),
                # As importing the storage sets it in every process that is not a test.
                "DAGSTER_EVENT_BATCH_SIZE": str(EVENTS_PER_TRANSACTION),
                "DAGSTER_HOME": str(shutil.copytree(new_home, tmp_path_factory.mktemp("dagster"), dirs_exist_ok=True)),
            }.items():
                patch.setenv(name, value)
            patch.chdir(trial.folder)
            with instance.opened() as opened:
                yield Deployment(trial, opened)

    return opening


@pytest.fixture
def deployment(open_deployment: OpenDeployment) -> Iterator[Deployment]:
    """Return a new deployment with three districts, nothing synced and nothing registered."""
    with open_deployment() as opened:
        yield opened


@pytest.fixture(scope="module")
def synced(open_deployment: OpenDeployment) -> Iterator[tuple[Deployment, dg.ExecuteInProcessResult]]:
    """Return a deployment that was synced once, all well; for looking only."""
    with open_deployment() as opened:
        yield opened, opened.run()
