"""How does dlt load /users into DuckDB: with its defaults, tuned by settings, or tuned further by code?

Tuned is what settings can do for this job: parquet instead of INSERT statements; two workers each for extracting,
normalising and loading; extracted files small enough for both workers to have a share in them, and not compressed. Tuned
by code besides: pages unwrapped by a function instead of a JSON path, and the next link read from the end of the page
instead of parsing the page a second time. Child tables are made as dlt makes them by default, because without them
schools, enrollments and relationships stay JSON text.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import dlt
from dlt.sources.helpers.rest_client.paginators import BaseReferencePaginator, JSONLinkPaginator
from dlt.sources.rest_api import rest_api_source

PAGE = 10_000
QUIET = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}
TUNED = {
    "EXTRACT__WORKERS": "2",
    "NORMALIZE__WORKERS": "2",
    "LOAD__WORKERS": "2",
    "SOURCES__DATA_WRITER__FILE_MAX_ITEMS": "20000",
    "DATA_WRITER__DISABLE_COMPRESSION": "true",
}


class LinkAtTheEnd(BaseReferencePaginator):  # type: ignore[misc, unused-ignore]
    """Follows the next link without parsing the page for it."""

    def update_state(self, response: Any, data: list[Any] | None = None) -> None:
        """Find the next link."""
        links = json.loads(response.content[response.content.rindex(b'"links":') + len(b'"links":') : -1])
        self._next_reference = next((link["uri"] for link in links if link["rel"] == "next"), None)

    def update_request(self, request: Any) -> None:
        """Ask for the next page; the link has all parameters."""
        request.url = urljoin(request.url, self._next_reference)
        request.params = None


def load(url: str, token: str, folder: Path, how: str) -> None:
    """Load everybody into folder/roster.duckdb, in place of what was there; ``how`` is defaults, settings or code."""
    tuned, by_code = how != "defaults", how == "code"
    os.environ.update(QUIET | (TUNED if tuned else {}))
    users: dict[str, Any] = {
        "name": "users",
        "write_disposition": "replace",
        "endpoint": {
            "path": "users",
            "params": {"limit": PAGE},
            "data_selector": "data" if by_code else "data[*].data",
            "paginator": LinkAtTheEnd() if by_code else JSONLinkPaginator("links[?(@.rel=='next')].uri"),
        },
        "processing_steps": [{"map": lambda item: item["data"]}] if by_code else [],
    }
    client: Any = {"base_url": f"{url}/v3.0/", "auth": {"type": "bearer", "token": token}}
    pipeline = dlt.pipeline(
        pipeline_name="roster",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.duckdb(str(folder / "roster.duckdb")),
        dataset_name="clever",
    )
    source: Any = rest_api_source({"client": client, "resources": [users]})  # type: ignore[typeddict-item, unused-ignore]
    pipeline.run(source, loader_file_format="parquet" if tuned else None)


if __name__ == "__main__":
    load(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4])
