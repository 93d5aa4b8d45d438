"""Which instants the command rollover compares."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from assets.cli.rollover import period
from assets.settings import Settings, SettingsError
from pipelines.sync import Season

NEW_YORK = ZoneInfo("America/New_York")
SUMMER, WINTER = Season(date(2026, 7, 15), date(2026, 9, 15)), Season(date(2027, 1, 10), date(2027, 1, 20))


@pytest.fixture
def values() -> Settings:
    return Settings().model_copy(update={"clever_rollover": (SUMMER, WINTER), "clever_sync_timezone": NEW_YORK.key})


@pytest.mark.parametrize(
    ("now", "before", "after"),
    [
        # in the season, up to now; a day of New York begins four hours after that of UTC
        ("2026-08-02T03:00+00:00", "2026-07-15T00:00-04:00", "2026-08-01T23:00-04:00"),
        # after it, its whole
        ("2026-12-01T12:00+00:00", "2026-07-15T00:00-04:00", "2026-09-16T00:00-04:00"),
        # the latest that has begun
        ("2027-01-12T12:00+00:00", "2027-01-10T00:00-05:00", "2027-01-12T07:00-05:00"),
    ],
)
def test_days_are_those_of_the_latest_season_in_its_time_zone(
    values: Settings, now: str, before: str, after: str
) -> None:
    found = period(values, None, None, datetime.fromisoformat(now))
    assert found == (datetime.fromisoformat(before), datetime.fromisoformat(after))
    assert {instant.tzinfo for instant in found} == {NEW_YORK}


def test_days_that_are_given_are_compared_whole(values: Settings) -> None:
    found = period(values, date(2026, 8, 1), date(2026, 8, 2), datetime(2027, 2, 1, tzinfo=UTC))
    assert found == (datetime(2026, 8, 1, tzinfo=NEW_YORK), datetime(2026, 8, 3, tzinfo=NEW_YORK))


@pytest.mark.parametrize(
    ("first", "last", "now", "sentence"),
    [
        (None, None, "2026-07-01T12:00+00:00", "No rollover has begun: give the first day with --from"),
        (
            date(2026, 8, 3),
            date(2026, 8, 2),
            "2026-12-01T12:00+00:00",
            "There is nothing to compare: 2026-08-03 is later",
        ),
        (date(2027, 8, 3), None, "2026-12-01T12:00+00:00", "There is nothing to compare: 2027-08-03 is later"),
    ],
)
def test_days_that_cannot_be_compared_are_refused(
    values: Settings, first: date | None, last: date | None, now: str, sentence: str
) -> None:
    with pytest.raises(SettingsError, match=f"^{sentence}"):
        period(values, first, last, datetime.fromisoformat(now))
