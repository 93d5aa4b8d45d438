"""When alerts are sent: the sensor that looks for what needs attention, and reports it to the addresses of CLEVER_ALERTS."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg
import msgspec
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import InstigatorState, ScheduleInstigatorData

from assets import settings
from assets.location import IN_LOCATION, LOCATION
from assets.resources import warehouse
from assets.schedules import daily_sync, sync_all_job, sync_events_job, sync_job
from pipelines.operations.alerts import Message, Situation, due, latest_due, remembered, situation
from pipelines.operations.notification import Address, Severity, addresses
from pipelines.warehouse import NothingPublishedError, WarehouseError

EARLY = timedelta(hours=1)
"""How long before its time a run may have begun and still be the scheduled one: where clocks are set forward, it is an hour."""

SECONDS = 40
"""After so many seconds no further address is tried: Dagster ends a tick after 60, and forgets what was delivered."""

FULL_SYNCS = (sync_all_job.name, sync_job.name)
"""Jobs whose run makes a scheduled sync not missed."""

SYNCS = (*FULL_SYNCS, sync_events_job.name)
"""Jobs whose latest run is looked at."""

Memory = dict[str, dict[str, int]]
"""By address, by key of each cause that it was sent, when that was last. An address is its position and service, never its URL."""


@dg.sensor(
    name="alerts",
    minimum_interval_seconds=300,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Looks for failed runs, holds, stale districts, drift and missed scheduled syncs, and reports each once to the addresses "
    "of CLEVER_ALERTS, with a reminder while it lasts and a message when it is over. The cursor holds what was delivered.",
)
def alerts_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Send the messages that are due to each address; what an address does not accept stays due."""
    to = configured()
    if not to:
        return dg.SkipReason("CLEVER_ALERTS names no address, so no alert is sent.")
    begun, instant = time.monotonic(), datetime.now(UTC)
    found, unreadable = examine(context.instance, instant)
    if unreadable:
        context.log.warning(unreadable)
    memory = _decoded(context.cursor)
    remind_after = timedelta(hours=settings.load().clever_alert_reminder_hours)
    kept: Memory = {}
    sentences = []
    for address in to:
        name = f"{address.position} {address.service}"
        reported = dict(memory.get(name, {}))
        messages = due(found, reported, instant, remind_after)
        refusal = send(address, messages, is_late=time.monotonic() - begun > SECONDS) if messages else None
        if refusal:
            sentences.append(refusal)
            context.log.warning(refusal)
        elif messages:
            sentences.append(f"{address} accepted: {'; '.join(message.title for message in messages)}.")
        kept[name] = reported if refusal else remembered(reported, messages, instant)
    context.update_cursor(msgspec.json.encode(kept).decode())
    return dg.SkipReason(" ".join(sentences) or f"Nothing to report. Causes that last: {len(found.causes)}.")


def configured() -> list[Address]:
    """The addresses of CLEVER_ALERTS.

    Raises:
        SettingsError: a setting cannot be used.
    """
    return addresses([address.get_secret_value() for address in settings.load().clever_alerts])


def send(address: Address, messages: Sequence[Message], *, is_late: bool = False) -> str | None:
    """Send messages to an address as one, or leave it to the next tick if this one is late.

    Returns:
        A sentence if the service did not accept it.
    """
    if is_late:
        return f"{address} was not tried, because other addresses took too long; the next tick sends the message."
    refusal = address.deliver(
        f"clever-warehouse: {messages[0].title if len(messages) == 1 else f'{len(messages)} alerts'}",
        "\n\n".join(message.text for message in messages),
        max((message.severity for message in messages), key=list(Severity).index),
    )
    return f"{address} {refusal}; the next tick sends it again." if refusal else None


def examine(instance: dg.DagsterInstance, instant: datetime) -> tuple[Situation, str | None]:
    """What needs attention, and a sentence if the published file cannot be read.

    Raises:
        SettingsError: a setting cannot be used.
    """
    present, unreadable = None, None
    try:
        present = warehouse().present()
    except NothingPublishedError:
        pass  # as before the first sync
    except WarehouseError as error:
        unreadable = f"Only runs and the schedule could be examined. {error}"
    found = situation(present, run_failure=_run_failure(instance), missed=_missed(instance, instant))
    return found, unreadable


def _run_failure(instance: dg.DagsterInstance) -> str | None:
    """What is known of the latest sync that ended, if it failed and the failure is of no district."""
    ended = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
    filters = [dg.RunsFilter(job_name=job, statuses=ended, tags=IN_LOCATION) for job in SYNCS]
    latest = [record for each in filters for record in instance.get_run_records(each, limit=1)]
    if not latest:
        return None
    record = max(latest, key=lambda each: each.create_timestamp)
    run = record.dagster_run
    # A sync counts its failed districts, which are causes of their own, in this tag.
    if run.status is not dg.DagsterRunStatus.FAILURE or "clever/failed" in run.tags:
        return None
    return (
        f"Run {run.run_id} of the job `{run.job_name}` failed, started {_written(record.create_timestamp)}. "
        "Districts that it did not sync are unchanged. Open the run in the Dagster UI to see the reason."
    )


def _missed(instance: dg.DagsterInstance, instant: datetime) -> str | None:
    """What is known of the scheduled sync if its schedule is on, its time has passed, and no full sync has begun since."""
    values = settings.load()
    expected = latest_due(instant, values.clever_sync_time, values.clever_sync_timezone)
    if not any(
        _is_on_since(state, expected)
        for state in instance.all_instigator_state(instigator_type=InstigatorType.SCHEDULE)
        if state.instigator_name == daily_sync.name and _is_ours(state)
    ):
        return None
    since = expected - EARLY
    begun = [dg.RunsFilter(job_name=job, created_after=since, tags=IN_LOCATION) for job in FULL_SYNCS]
    if any(instance.get_runs_count(each) for each in begun):
        return None
    return (
        f"The schedule `{daily_sync.name}` was to start a sync at {_written(expected)}, and no sync of all districts has started since. "
        "Check the ticks of the schedule in the Dagster UI, or run `clever-warehouse sync`."
    )


def _is_ours(state: InstigatorState) -> bool:
    """Whether a schedule is of our code location: others in the same Dagster may have one of the same name."""
    return state.origin.repository_origin.code_location_origin.location_name == LOCATION


def _is_on_since(state: InstigatorState, instant: datetime) -> bool:
    data = state.instigator_data
    begun = data.start_timestamp if isinstance(data, ScheduleInstigatorData) else None
    return state.is_running and (begun or 0) <= instant.timestamp()


def _decoded(cursor: str | None) -> Mapping[str, Mapping[str, int]]:
    """What was delivered; nothing if the cursor was changed to something else, so that each cause is reported again."""
    try:
        return msgspec.json.decode(cursor or "{}", type=Memory)
    except msgspec.MsgspecError:
        return {}


def _written(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
