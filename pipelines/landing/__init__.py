"""Keeps what Clever answered: pages as immutable files of newline-delimited JSON, with a receipt per stream."""

from pipelines.landing.folder import Landing
from pipelines.landing.stream import KnownPage, LandedPage, LandedStream, Receipt, StreamLanding

__all__ = ["KnownPage", "LandedPage", "LandedStream", "Landing", "Receipt", "StreamLanding"]
