"""Make the file of an older version: a small warehouse with a history, holds, decisions, a crosswalk and receipts.

Each version whose tables differ from the version before leaves a file here, so that a test can migrate it. To make one again,
check that version out into another folder and run this program with its packages (all people are synthetic):

    git worktree add ../older 2913682
    cd ../older && PYTHONPATH=. python ../clever-warehouse/tests/pipelines/warehouse/older/make.py version_0.zip clock_ahead_0.zip

    git worktree add ../older 2a693ff
    cd ../older && PYTHONPATH=. python ../clever-warehouse/tests/pipelines/warehouse/older/make.py version_6.zip

The second file is of a warehouse whose clock was a day ahead at its first sync. Of its 24 people 4 left at the second sync and
came back before the third, which took them for unchanged. version_6.zip also has the landing, so that a test can approve the
snapshot that this version held, and can show again what this version read.
"""

import sys
import tempfile
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from unittest import mock

from pipelines.app import CleverApp
from pipelines.decisions import approve, reject
from pipelines.holding import Limits, LimitsByDistrict
from pipelines.migration import import_migration
from pipelines.verification import verify_legacy

from pipelines import sync
from pipelines.progress import silent
from pipelines.sandbox import Sandbox
from tests.conftest import PLENTY, Trial


def _live(trial: Trial, folder: Path) -> None:
    """Let everything happen that leaves rows."""
    first, second = trial.districts
    box = trial.sandbox
    trial.sync()
    box.change_email(trial.person("teacher"))
    several = next(user for user in box.roster(first).ids() if len(box.roster(first).roles(user)) == 3)
    box.drop_role(several, "district_admin")
    trial.sync()
    box.merge(trial.person("teacher"), trial.person("staff"))
    contact = trial.person("contact")
    box.remove(contact)
    trial.sync()
    box.restore(contact)
    box.change(trial.person("student"), {"shoe_size": "synthetic"})
    trial.sync()

    csv = folder / "clever.csv"
    csv.write_text(f"role_id,user_id,role\n{'a' * 24},{'b' * 24},teacher\n", encoding="utf-8")
    import_migration(trial.warehouse, [csv], "import", report_file=folder / "import.csv", report=silent)
    with trial.clever() as clever:
        app = CleverApp(clever)
        verify_legacy(app, trial.warehouse, "verify", [], report_file=folder / "verify.csv", report=silent)

    trial.limits = LimitsByDistrict(Limits(max_archived_percent=0, max_changed_percent=0, min_records=1))
    for district, decide in ((first, approve), (second, reject)):
        box.remove(box.roster(district).ids("student")[0])
        digest = str(trial.outcome(district).digest)
        decide(
            trial.warehouse,
            district_id=district,
            digest=digest,
            reason="a synthetic reason",
            decided_by="a synthetic person",
            decision_id=f"decision on {digest[:8]}",
            report=silent,
        )
    box.remove(box.roster(first).ids("student")[0])
    trial.sync(first)


def _live_with_a_clock_ahead(trial: Trial, _folder: Path) -> None:
    """Let the first sync be dated a day ahead, and people leave and come back."""
    leaving = [user_id for district in trial.districts for user_id in trial.sandbox.roster(district).ids()[:2]]
    with mock.patch.object(sync, "datetime", _Tomorrow):
        trial.sync()
    for act in (trial.sandbox.remove, trial.sandbox.restore):
        for user_id in leaving:
            act(user_id)
        trial.sync()


class _Tomorrow(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(days=1)


def main(target: Path, live: Callable[[Trial, Path], None]) -> None:
    """Write the published file into a zip file; of version 6, the landing too."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        sandbox = Sandbox(districts=2, users=12, seed=7, rate_limit=PLENTY)
        with sandbox.serve() as server:
            trial = Trial(sandbox, server.url, folder / "warehouse")
            live(trial, folder)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as archive:
            archive.write(trial.warehouse.published, "warehouse.duckdb")
            if target.name == "version_6.zip":
                for file in sorted(trial.warehouse.landing.rglob("*")):
                    archive.write(file, file.relative_to(trial.folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]), _live)
    if len(sys.argv) > 2:
        main(Path(sys.argv[2]), _live_with_a_clock_ahead)
