"""A fake Clever API for demos and tests: fake districts behind an API like Clever's."""

from pipelines.sandbox.app import Logged
from pipelines.sandbox.faults import (
    Altered,
    CappedPage,
    CutChain,
    Dropped,
    Fault,
    Faults,
    ForeignRecord,
    Garbled,
    Headers,
    Html,
    IgnoredRole,
    ItemWithoutData,
    LoopingNext,
    Meanwhile,
    NullData,
    RepeatedRecord,
    Rewritten,
    Slow,
    Status,
    Truncated,
    Withheld,
    WithoutData,
    WithoutId,
)
from pipelines.sandbox.people import ROLES
from pipelines.sandbox.rehearsal import SHARED, Night, Rehearsal
from pipelines.sandbox.rendering import Rendering
from pipelines.sandbox.roster import Change
from pipelines.sandbox.sandbox import Sandbox
from pipelines.sandbox.school_year import RecordChange
from pipelines.sandbox.server import Lines, RunningServer

__all__ = [
    "ROLES",
    "SHARED",
    "Altered",
    "CappedPage",
    "Change",
    "CutChain",
    "Dropped",
    "Fault",
    "Faults",
    "ForeignRecord",
    "Garbled",
    "Headers",
    "Html",
    "IgnoredRole",
    "ItemWithoutData",
    "Lines",
    "Logged",
    "LoopingNext",
    "Meanwhile",
    "Night",
    "NullData",
    "RecordChange",
    "Rehearsal",
    "Rendering",
    "RepeatedRecord",
    "Rewritten",
    "RunningServer",
    "Sandbox",
    "Slow",
    "Status",
    "Truncated",
    "Withheld",
    "WithoutData",
    "WithoutId",
]
