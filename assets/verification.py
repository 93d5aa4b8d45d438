"""The job verify_legacy: checks every ID in Clever API v2.1 against the crosswalk, like the command verify-legacy."""

from typing import Any

import dagster as dg

from assets.roster import Districts
from assets.steps import reporting, running
from pipelines.clever.app import CleverApp
from pipelines.identity import verification
from pipelines.identity.verification import VerificationResult
from pipelines.warehouse import Warehouse


@dg.op(description="Read API v2.1 with the same tokens and check every ID against legacy_id_crosswalk.")
def verify_legacy_ids(
    context: dg.OpExecutionContext,
    config: Districts,
    clever_app: dg.ResourceParam[CleverApp],
    warehouse: dg.ResourceParam[Warehouse],
) -> None:
    """Verify the crosswalk; fail afterwards if an ID is unmatched or a district could not be verified."""
    with running(context, warehouse):
        report_file = warehouse.new_report("verify-legacy")
        result = verification.verify_legacy(
            clever_app,
            warehouse,
            context.run_id,
            config.districts,
            report_file=report_file,
            report=reporting(context, warehouse),
        )
    rows: list[dict[str, str | int]] = [
        {
            "district": one.district_id,
            "role": one.role,
            "served": one.is_served,
            "listed": one.listed,
            "matched": one.matched,
            "ended": one.ended,
            "unmatched": one.unmatched,
            "differing": one.differing,
        }
        for one in result.roles
    ]
    first_unmatched: list[dict[str, str | int]] = [
        {"district": one.district_id, "role": one.role, "legacy_id": legacy_id}
        for one in result.roles
        for legacy_id in one.first_unmatched
    ]
    metadata: dict[str, dg.MetadataValue[Any]] = {
        "report": dg.MetadataValue.path(str(report_file)),
        **{
            name: dg.MetadataValue.table([dg.TableRecord(row) for row in table])
            for name, table in (("verified", rows), ("first_unmatched", first_unmatched))
            if table
        },
    }
    context.add_output_metadata(metadata)
    for sentence in [*result.failed.values(), *result.failed_tokens]:
        context.log.error(sentence)
    if not result.succeeded:
        raise dg.Failure(_failure(result), metadata=metadata, allow_retries=False)


def _failure(result: VerificationResult) -> str:
    unmatched = sum(one.unmatched for one in result.roles)
    missing = sum(not one.is_served and one.role not in verification.OPTIONAL_ROLES for one in result.roles)
    return (
        f"Unmatched IDs in API v2.1: {unmatched}; lists that are no longer served: {missing}; "
        f"districts that could not be verified: {len(result.failed)}."
    )


@dg.job(
    executor_def=dg.in_process_executor,
    description="Check every ID in Clever API v2.1 against the crosswalk, for the districts in the run config or all districts.",
)
def verify_legacy() -> None:
    """Verify the crosswalk against API v2.1."""
    verify_legacy_ids()
