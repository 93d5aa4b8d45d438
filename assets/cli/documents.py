"""What --json shows of each command: one document, whose keys are published names."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from pipelines.identity.migration import ImportResult
from pipelines.identity.resolution import MergeList, Resolution, ResolutionSummary
from pipelines.identity.verification import VerificationResult
from pipelines.operations.backup import Backup, receipt_of
from pipelines.sync import SyncResult
from pipelines.warehouse import NothingPublishedError, Warehouse
from pipelines.warehouse.export import Exported
from pipelines.warehouse.kept import UNDONE, KeptFile
from pipelines.warehouse.reduced import Deidentified
from pipelines.warehouse.statements import statement

Document = dict[str, Any]


def of_sync(warehouse: Warehouse, sync_id: str, seconds: float, failures: Sequence[str]) -> Document:
    """The result of a sync, as it is published; no district if nothing is."""
    try:
        with warehouse.reading() as connection:
            rows = _rows(connection, "shown/sync", [sync_id])
    except NothingPublishedError:
        rows = []
    return {
        "sync_id": sync_id,
        "preview": False,
        "seconds": round(seconds, 1),
        "districts": [{**row, "by_role": _decoded(row, "by_role") or {}} for row in rows],
        "failures": failures,
    }


def of_preview(result: SyncResult, names: Mapping[str, str]) -> Document:
    """What a sync would do, with the keys of a sync."""
    districts = [
        {
            "district_id": outcome.district_id,
            "outcome": outcome.outcome,
            "people": next((each.records for each in outcome.receipts if each.stream == "users"), None),
            **asdict(outcome.counts),
            "name": names.get(outcome.district_id),
            "reason": outcome.error,
            "by_role": {
                role: {"before": change.before, **asdict(change.counts), "unchanged": change.unchanged}
                for role, change in outcome.by_role.items()
            },
        }
        for outcome in result.outcomes
    ]
    return {"sync_id": None, "preview": True, "seconds": None, "districts": districts, "failures": result.causes}


def of_holds(connection: duckdb.DuckDBPyConnection) -> Document:
    """The snapshots that wait for a decision, then those that were decided."""
    return {
        "holds": [
            {**row, **{name: _decoded(row, name) for name in ("exceeded", "by_role", "students")}}
            for row in _rows(connection, "shown/holds")
        ]
    }


def of_kept(files: Sequence[KeptFile]) -> Document:
    """The kept files, newest first, and what a rollback to each undoes."""
    return {
        "kept_files": [
            {
                "file": file.name,
                "people": file.people,
                "last_change_at": file.last_change,
                "undone": dict(zip(UNDONE, file.undone, strict=True)),
            }
            for file in files
        ]
    }


def of_imports(connection: duckdb.DuckDBPyConnection) -> Document:
    """The imports of migration CSVs, the latest first."""
    return {"imports": _rows(connection, "imports/list")}


def of_import(result: ImportResult, report_file: Path) -> Document:
    """The result of an import."""
    return {
        "import_id": result.import_id,
        "files": [{"file": file.name, "rows": file.rows, "ignored_columns": file.passed_over} for file in result.files],
        "links_added": result.entered,
        "links_removed": result.left,
        "links_completed": result.placed,
        "report": report_file,
    }


def of_resolution(legacy_id: str, answer: Resolution) -> Document:
    """What one ID leads to."""
    return {"id": legacy_id, "is_resolved": answer.is_resolved, **asdict(answer)}


def of_summary(summary: ResolutionSummary, report_file: Path) -> Document:
    """What the IDs of a list lead to."""
    return {
        **asdict(summary),
        "lines": summary.lines,
        "ids": summary.ids,
        "resolved": summary.resolved,
        "coverage_percent": summary.coverage,
        "report": report_file,
    }


def of_merge_list(merges: MergeList, report_file: Path) -> Document:
    """The lines of a list that are one person with others."""
    return {
        "people": merges.people,
        "lines": merges.lines,
        "unresolved_ids": merges.summary.ids - merges.summary.resolved,
        "report": report_file,
    }


def of_verification(result: VerificationResult, report_file: Path) -> Document:
    """The result of a verification, per role of each district."""
    return {
        "roles": [{**asdict(one), "coverage_percent": one.coverage} for one in result.roles],
        "failures": [*result.failed.values(), *result.failed_tokens],
        "report": report_file,
    }


def of_export(exported: Sequence[Exported]) -> Document:
    """The files that were written."""
    return {"files": [{"table": each.relation, "rows": each.rows, "file": each.file} for each in exported]}


def of_deidentified(made: Deidentified) -> Document:
    """The de-identified file, and how small the groups of students in it are."""
    return {
        "file": made.file,
        "rows": made.rows,
        "withheld_columns": made.withheld_columns,
        "k_anonymity": [asdict(group) for group in made.groups],
    }


def of_backup(made: Backup) -> Document:
    """The copy of the published file."""
    last = made.contents.last_sync
    return {
        "file": made.file,
        "receipt": receipt_of(made.file),
        "size_bytes": made.size,
        "sha256": made.sha256,
        "published_at": made.published_at,
        "last_sync": {"sync_id": last.sync_id, "finished_at": last.finished_at} if last else None,
        "rows": made.contents.rows,
    }


def _rows(connection: duckdb.DuckDBPyConnection, name: str, parameters: Sequence[object] = ()) -> list[Document]:
    """The rows of a query, by column."""
    found = connection.execute(statement(name), list(parameters))
    columns = [column for column, *_ in found.description]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def _decoded(row: Document, column: str) -> Any:
    return msgspec.json.decode(row[column]) if row[column] else None
