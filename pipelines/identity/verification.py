"""Verify the crosswalk against API v2.1: read its lists with the same tokens, and check every ID against the crosswalk."""

import shutil
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.clever import Stream
from pipelines.clever.app import CleverApp
from pipelines.clever.assumptions import WITHDRAWN_STATUSES
from pipelines.identity.csv_files import new_file
from pipelines.landing import Landing
from pipelines.progress import Report, Stage
from pipelines.sync.blocking import published_blocked_in
from pipelines.sync.hosts import require_host, require_host_to_write
from pipelines.sync.reading import Read, read
from pipelines.warehouse import Session, Shape, StatementError, Warehouse, fault, heirs

VERSION = "v2.1"
LISTS: Mapping[Stream, str] = {
    Stream(f"{VERSION}-{path}", f"/{path}", version=VERSION): role
    for path, role in (
        ("students", "student"),
        ("teachers", "teacher"),
        ("school_admins", "staff"),
        ("district_admins", "district_admin"),
        ("contacts", "contact"),
    )
}
"""The lists of people in API v2.1, each with the role that it became (spec v2.1.yml; Clever docs: Migrating to API 3.0)."""

SHAPE: Mapping[str, Shape] = {"id": "id", "district": "id", "email": "text", "sis_id": "text", "staff_id": "text"}
"""What the fields of a record that are compared must hold."""

OPTIONAL_ROLES = frozenset({"contact"})
"""Roles whose list Clever has announced to withdraw; that another is gone leaves something unverified."""

MAX_NAMED_IDS = 5
"""How many of the unmatched ids of a role in a district are named."""

STALE_SECONDS = 24 * 60 * 60
"""Seconds after which a landing can only be what a verification left that was killed."""


@dataclass(frozen=True, slots=True)
class RoleVerified:
    """What a verification found of one role in one district."""

    district_id: str
    role: str
    is_served: bool
    """Whether API v2.1 still serves the list."""
    listed: int
    matched: int
    ended: int
    """Of the matched IDs, those whose link API v3 no longer returns."""
    unmatched: int
    differing: int
    """Of the matched IDs, those with another email or sis_id in API v3."""
    first_unmatched: Sequence[str] = ()
    """The first unmatched IDs."""

    @property
    def coverage(self) -> float | None:
        """The share of the listed IDs that match the crosswalk, in percent; None if nothing is listed."""
        return 100 * self.matched / self.listed if self.listed else None


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """Result of a verification."""

    roles: Sequence[RoleVerified]
    failed: Mapping[str, str]
    """By district, why it could not be verified."""
    failed_tokens: Sequence[str]
    """Why a token led to no district, one sentence each."""

    @property
    def succeeded(self) -> bool:
        """Whether every ID of every list is matched, and no list is missing but the optional ones."""
        return (
            not self.failed
            and not self.failed_tokens
            and all(one.unmatched == 0 and (one.is_served or one.role in OPTIONAL_ROLES) for one in self.roles)
        )


def verify_legacy(
    app: CleverApp,
    warehouse: Warehouse,
    verification_id: str,
    requested: Collection[str],
    *,
    report_file: Path,
    report: Report,
) -> VerificationResult:
    """Check every ID in API v2.1 against the crosswalk, for the asked districts or all, write the report and publish.

    What is read stays on disk only until it is compared. No v3 id is claimed without evidence: an unmatched ID
    is kept in sync.unexplained_legacy_ids; only a student's, which is the v3 id, enters the crosswalk.

    Raises:
        ForeignHostError: the districts of the warehouse come from another host; nothing was read or changed.
        CleverError: the connected districts could not be listed.
        UnusableFileError: the report exists already; nothing was begun.
        WarehouseError: nothing can be written or published at all.
    """
    with new_file(report_file):
        return _verified(app, warehouse, verification_id, requested, report_file=report_file, report=report)


def _verified(
    app: CleverApp,
    warehouse: Warehouse,
    verification_id: str,
    requested: Collection[str],
    *,
    report_file: Path,
    report: Report,
) -> VerificationResult:
    require_host(app, warehouse)
    app.clever.report_waits(report)
    app.clever.leave_out(published_blocked_in(warehouse))
    found = app.districts
    failed = {
        district_id: f"District {district_id} is not connected, so it cannot be verified."
        for district_id in sorted(set(requested) - {district.id for district in found})
    }
    districts = [district for district in found if not requested or district.id in requested]
    folder = warehouse.state / "verification"
    warehouse.prepare()
    _forget_stale(folder)
    landing = Landing(folder / verification_id, warehouse.files)
    try:
        report(Stage(f"reading API {VERSION}", districts=len(districts), streams=len(LISTS)))
        reads = read(
            app.clever,
            landing,
            districts,
            sync_id=verification_id,
            attempts={district.id: 1 for district in districts},
            report=report,
            streams=list(LISTS),
            refusals=dict.fromkeys(LISTS, WITHDRAWN_STATUSES),
        )
        for district_id, one in reads.items():
            if one.error:
                failed[district_id] = str(one.error)
            elif not one.landings:
                failed[district_id] = (
                    f"District {district_id}: Clever no longer serves API {VERSION}; nothing was compared."
                )
        whole = {district_id: one for district_id, one in reads.items() if district_id not in failed}
        roles, unverified = warehouse.write(
            verification_id,
            lambda session: _compared(
                app, warehouse, session, whole, verification_id=verification_id, report_file=report_file, report=report
            ),
            report,
        )
    finally:
        shutil.rmtree(landing.folder, ignore_errors=True)
    return VerificationResult(roles, failed | unverified, [str(failure.error) for failure in found.failures])


def _compared(
    app: CleverApp,
    warehouse: Warehouse,
    session: Session,
    reads: Mapping[str, Read],
    *,
    verification_id: str,
    report_file: Path,
    report: Report,
) -> tuple[list[RoleVerified], dict[str, str]]:
    """Compare, record and publish; also return, by district, why its lists are not verified."""
    require_host_to_write(app, warehouse, session, report)
    report(Stage("comparing"))
    misshapen = _stage(session, reads)
    unverified = {
        district_id: f"District {district_id}: the response of API {VERSION} is not complete: {reason}. Run the verification again."
        for district_id, reason in session.rows("verification/unverified")
    } | misshapen
    believed = [district_id for district_id in reads if district_id not in unverified]
    session.run("verification/compare", district_ids=believed)
    session.run("verification/report", report=str(report_file))
    with session.transaction():
        session.run(
            "verification/record",
            district_ids=believed,
            verification_id=verification_id,
            observed_at=session.clock.now(),
        )
        heirs.begin(session)
        heirs.place_told_links(session)
        heirs.find_heirs(session)
    unmatched: dict[tuple[str, str], list[str]] = {}
    for district_id, role, legacy_id in session.rows("verification/unmatched", named=MAX_NAMED_IDS):
        unmatched.setdefault((district_id, role), []).append(legacy_id)
    roles = [
        replace(one, first_unmatched=unmatched.get((one.district_id, one.role), []))
        for one in (RoleVerified(*row) for row in session.rows("verification/counts", verification_id=verification_id))
    ]
    report(Stage("publishing"))
    session.publish(keep_former=False)
    return roles, unverified


def _stage(session: Session, reads: Mapping[str, Read]) -> dict[str, str]:
    """Lay out what was read; gives, by district, which record of another shape keeps it from being compared."""
    session.run("verification/tables")
    pages = [
        {"filename": session.location(file), "district_id": district_id, "role": LISTS[stream]}
        for district_id, one in reads.items()
        for stream, landed in one.landings.items()
        for file in landed.files
    ]
    session.insert("staging.legacy_pages", pages)
    session.insert(
        "staging.legacy_lists",
        [
            {"district_id": district_id, "role": role, "is_served": stream in one.landings}
            for district_id, one in reads.items()
            for stream, role in LISTS.items()
        ],
    )
    files = {
        district_id: [file for landed in one.landings.values() for file in landed.files]
        for district_id, one in reads.items()
    }
    misshapen: dict[str, str] = {}
    for district_id in [district_id for district_id in files if files[district_id]]:
        try:
            session.run("verification/people", files=[session.location(file) for file in files[district_id]])
        except StatementError as error:
            misshapen[district_id] = f"its lists could not be staged. {error}"
    for district_id in [*misshapen, *(district_id for (district_id,) in session.rows("verification/misshapen"))]:
        found = fault(files[district_id], SHAPE, session.files)
        misshapen[district_id] = f"District {district_id}: {found or misshapen[district_id]}"
    return misshapen


def _forget_stale(folder: Path) -> None:
    """Remove what a verification that was killed has left."""
    for left in folder.glob("*"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
