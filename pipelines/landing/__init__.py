"""Keeps what Clever answered: pages as immutable files of newline-delimited JSON, with a receipt a feed."""

from pipelines.landing.feed import FeedLanding, LandedPage, Receipt
from pipelines.landing.folder import Landing

__all__ = ["FeedLanding", "LandedPage", "Landing", "Receipt"]
