"""A fake Clever API for demos and tests: fake districts behind an API like Clever's."""

from pipelines.sandbox.app import Logged
from pipelines.sandbox.faults import (
    Altered,
    CutChain,
    Dropped,
    Fault,
    Faults,
    ForeignRecord,
    Garbled,
    Html,
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
from pipelines.sandbox.rendering import Rendering
from pipelines.sandbox.roster import Change
from pipelines.sandbox.sandbox import Sandbox
from pipelines.sandbox.server import RunningServer

__all__ = [
    "ROLES",
    "Altered",
    "Change",
    "CutChain",
    "Dropped",
    "Fault",
    "Faults",
    "ForeignRecord",
    "Garbled",
    "Html",
    "ItemWithoutData",
    "Logged",
    "LoopingNext",
    "Meanwhile",
    "NullData",
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
