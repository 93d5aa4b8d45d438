"""Find out, without changing anything, whether a sync would work here, and whether Clever is as this project assumes."""

from pipelines.operations.doctor import access, events, lists, rate_limits
from pipelines.operations.doctor.app import APP, look_at_app
from pipelines.operations.doctor.checks import Finding, Result, Verdict, failed, passed, run, warned
from pipelines.operations.doctor.district import look_at_district
from pipelines.operations.doctor.machine import MACHINE, Machine
from pipelines.operations.doctor.probe import Probe
from pipelines.operations.doctor.uncheckable import UNCHECKABLE

DISTRICT = (*access.CHECKS, *lists.CHECKS, *rate_limits.CHECKS, *events.CHECKS)
"""The checks of each district."""

ONCE = (*access.ONCE, *lists.ONCE)
"""The checks of one district that hold for all."""

__all__ = [
    "APP",
    "DISTRICT",
    "MACHINE",
    "ONCE",
    "UNCHECKABLE",
    "Finding",
    "Machine",
    "Probe",
    "Result",
    "Verdict",
    "failed",
    "look_at_app",
    "look_at_district",
    "passed",
    "run",
    "warned",
]
