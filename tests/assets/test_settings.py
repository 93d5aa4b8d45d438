from pathlib import Path

import pytest

from assets import settings
from pipelines.holding import Limits


def test_a_district_has_the_limits_of_its_own_and_for_the_rest_those_for_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLEVER_MAX_CHANGED_PERCENT", "60")
    monkeypatch.setenv("CLEVER_DISTRICT_LIMITS", '{"d1": {"max_archived_percent": 30, "hold_min_records": 0}}')
    limits = settings.load().limits
    assert limits.of("d1") == Limits(max_archived_percent=30, max_changed_percent=60, min_records=0)
    assert limits.of("d2") == Limits(max_archived_percent=10, max_changed_percent=60, min_records=20)
