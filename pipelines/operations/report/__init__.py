"""One self-contained HTML page that shows the state of a warehouse: counts only, groups under 5 suppressed."""

from pipelines.operations.report.page import NotAReportError, place, refresh, write

__all__ = ["NotAReportError", "place", "refresh", "write"]
