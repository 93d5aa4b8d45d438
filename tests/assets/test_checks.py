import functools
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from assets import resources
from assets.definitions import definitions
from assets.reported import RULES
from pipelines.progress import silent
from pipelines.sandbox import ForeignRecord
from pipelines.sync import approve
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    from tests.assets.conftest import Deployment, OpenDeployment


def evaluations(deployment: "Deployment", result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    """Return what Dagster keeps of a run; the result of a run that failed lacks it."""
    logs = deployment.dagster.all_logs(result.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    found = [log.get_dagster_event().asset_check_evaluation_data for log in logs]
    return {f"{each.asset_key.to_user_string()}:{each.check_name}": each for each in found}


VERIFIED, FAILED = "clever/users:read_is_proven", "warehouse:no_district_failed"
FRESH = "warehouse:every_district_is_fresh"
HOLD, DRIFT = "warehouse:no_mass_change_is_held", "clever/users:records_are_as_documented"


def test_every_rule_of_sql_checks_is_an_asset_check_with_its_sentence() -> None:
    graph = definitions.resolve_asset_graph()
    shown = {
        (key.asset_key.to_user_string(), key.name): graph.get_check_spec(key).description
        for key in graph.asset_check_keys
    }
    rules = {(check.table, check.name): check.description for check in RULES}
    assert rules
    assert shown.items() >= rules.items()
    assert {f"{asset}:{name}" for asset, name in shown.keys() - rules.keys()} == {
        VERIFIED,
        DRIFT,
        HOLD,
        FAILED,
        FRESH,
    }


def test_a_sync_evaluates_every_check(synced: "tuple[Deployment, dg.ExecuteInProcessResult]") -> None:
    deployment, result = synced
    found = evaluations(deployment, result)
    assert len(found) == len(RULES) + 5
    assert found[VERIFIED].passed
    assert found[HOLD].passed
    assert found[FAILED].passed


def test_errors_are_errors_and_warnings_warnings(synced: "tuple[Deployment, dg.ExecuteInProcessResult]") -> None:
    deployment, result = synced
    found = evaluations(deployment, result)
    severities = {"error": dg.AssetCheckSeverity.ERROR, "warning": dg.AssetCheckSeverity.WARN}
    for check in RULES:
        assert found[f"{check.table}:{check.name}"].severity == severities[check.severity]


def test_a_mock_district_breaks_no_rule_that_is_an_error(
    synced: "tuple[Deployment, dg.ExecuteInProcessResult]",
) -> None:
    deployment, result = synced
    broken = [
        name
        for name, each in evaluations(deployment, result).items()
        if not each.passed and each.severity is dg.AssetCheckSeverity.ERROR
    ]
    assert broken == []


def test_a_read_that_is_not_verified_fails_its_check_and_says_why(deployment: "Deployment") -> None:
    bad = deployment.districts[1]
    deployment.trial.sandbox.inject(ForeignRecord(), district=bad, stream="users", role="none")
    found = evaluations(deployment, deployment.run())
    assert not found[VERIFIED].passed
    assert found[VERIFIED].metadata["districts"].value == 1
    reasons = found[VERIFIED].metadata["reasons"].value
    assert isinstance(reasons, dict)
    assert list(reasons) == [deployment.named(bad)]
    assert not found[FAILED].passed
    assert list(found[FAILED].metadata["reasons"].value) == [deployment.named(bad)]  # type: ignore[arg-type]


@pytest.mark.variants(1)
@pytest.mark.parametrize(
    ("change", "check", "severity"),
    [
        ({"last_modified": "1999-01-01T00:00:00.000Z"}, "users:last_modified_is_not_before_created", "WARN"),
        ({"roles.student.sis_id": None}, "user_roles:student_has_schools_and_sis_id", "ERROR"),
    ],
)
def test_a_record_that_breaks_a_rule_is_counted_by_district(
    open_deployment: "OpenDeployment", change: dict[str, object], check: str, severity: str
) -> None:
    with open_deployment(districts=2) as deployment:
        district = deployment.districts[0]
        deployment.trial.sandbox.change(deployment.trial.person("student"), change)
        result = deployment.run()
        assert result.success
        found = evaluations(deployment, result)[check]
        assert not found.passed
        assert found.severity.value == severity
        assert found.metadata["by_district"].value == {deployment.named(district): 1}


def test_a_check_that_failed_passes_again_when_clever_is_fixed(open_deployment: "OpenDeployment") -> None:
    with open_deployment(districts=1) as deployment:
        person = deployment.trial.person("student")
        deployment.trial.sandbox.change(person, {"roles.student.sis_id": None})
        check = "user_roles:student_has_schools_and_sis_id"
        assert not evaluations(deployment, deployment.run())[check].passed
        deployment.trial.sandbox.change(person, {"roles.student.sis_id": "4711"})
        assert evaluations(deployment, deployment.run())[check].passed


def test_a_held_mass_change_fails_its_check_with_digest_and_counts(open_deployment: "OpenDeployment") -> None:
    with open_deployment(districts=1, users=120) as deployment:
        assert deployment.run().success
        district = deployment.districts[0]
        for person in deployment.trial.sandbox.roster(district).ids("student")[:40]:
            deployment.trial.sandbox.remove(person)
        result = deployment.run()
        assert result.success
        run = deployment.dagster.get_run_by_id(result.run_id)
        assert run is not None
        assert (run.tags["clever/outcome"], run.tags["clever/held"]) == ("held", "1")
        hold = evaluations(deployment, result)[HOLD]
        assert not hold.passed
        assert evaluations(deployment, result)[FAILED].passed
        assert hold.metadata["would_be_archived"].value == 40
        snapshots = hold.metadata["snapshots"].value
        assert isinstance(snapshots, dict)
        snapshot = snapshots[deployment.named(district)]
        assert snapshot["digest"]
        assert (snapshot["archived"], snapshot["continuing"]) == (40, 0)
        assert deployment.trial.value("SELECT count(*) FROM users") == 120


@pytest.mark.search
def test_a_hold_fails_its_check_until_a_person_has_decided_also_when_other_districts_are_synced(
    open_deployment: "OpenDeployment",
) -> None:
    with open_deployment(districts=2, users=120) as deployment:
        assert deployment.run().success
        held, other = deployment.districts
        for person in deployment.trial.sandbox.roster(held).ids("student")[:40]:
            deployment.trial.sandbox.remove(person)
        assert deployment.run().success
        result = deployment.run(districts=[other])
        assert result.success
        hold = evaluations(deployment, result)[HOLD]
        assert not hold.passed
        snapshots = hold.metadata["snapshots"].value
        assert isinstance(snapshots, dict)
        assert list(snapshots) == [deployment.named(held)]
        approve(
            deployment.trial.warehouse,
            district_id=held,
            digest=snapshots[deployment.named(held)]["digest"],
            reason="a school closed",
            decided_by="somebody",
            decision_id="word",
            report=silent,
        )
        assert evaluations(deployment, deployment.run(districts=[other]))[HOLD].passed


def test_paused_district_passes_in_july_and_fails_in_september_with_its_name(
    open_deployment: "OpenDeployment", monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_deployment(districts=2) as deployment:
        sandbox = deployment.trial.sandbox
        here, there = deployment.districts

        def sync(instant: datetime) -> dg.AssetCheckEvaluation:
            """Let Clever sync the other district, and run a sync of both at an instant."""
            monkeypatch.setattr(resources, "Warehouse", functools.partial(Warehouse, clock=lambda: instant))
            sandbox.describe(there, last_sync=instant)
            result = deployment.run()
            assert result.success
            return evaluations(deployment, result)[FRESH]

        sandbox.describe(there, state="success")
        sandbox.describe(here, name="Otter Creek Unified", last_sync=datetime(2026, 6, 3, tzinfo=UTC))
        sandbox.pause(here, "2026-06-05T00:00:00.000Z", "2026-08-20T00:00:00.000Z")
        july = sync(datetime(2026, 7, 15, tzinfo=UTC))
        assert july.passed
        assert {name: value.value for name, value in july.metadata.items()} == {
            "districts": 0,
            "paused": 1,
            "stale": {},
        }
        september = sync(datetime(2026, 9, 2, tzinfo=UTC))
        assert not september.passed
        assert september.severity is dg.AssetCheckSeverity.WARN
        assert september.metadata["stale"].value == {
            deployment.named(here): "SIS stale. Clever has not synced from the SIS for too long. "
            "The last one was on 2026-06-03 00:00 UTC."
        }
        sandbox.describe(here, state="success", last_sync=datetime(2026, 9, 3, tzinfo=UTC))
        assert sync(datetime(2026, 9, 3, tzinfo=UTC)).passed


def test_districts_without_the_record_type_districts_are_fresh_by_our_own_syncs(
    open_deployment: "OpenDeployment", monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_deployment(districts=1) as deployment:
        deployment.trial.sandbox.fail_sync(deployment.districts[0])
        assert not evaluations(deployment, deployment.run())[FRESH].passed
        monkeypatch.setenv("CLEVER_RECORDS", "users,schools")
        assert evaluations(deployment, deployment.run())[FRESH].passed
