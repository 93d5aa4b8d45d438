"""Keeps what Clever answered: pages as immutable files of newline-delimited JSON, with a receipt a feed."""

from pipelines.landing.feed import FeedLanding, LandedFeed, LandedPage, Receipt
from pipelines.landing.folder import Landing

__all__ = ["FeedLanding", "LandedFeed", "LandedPage", "Landing", "Receipt"]
