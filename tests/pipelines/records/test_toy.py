"""A record type and a field that Clever does not have, declared here and nowhere else: everything follows from the declarations.

The catalog is read when a module is imported, so this file runs as a program of its own, which replaces the catalog first.
"""

import json
import subprocess
import sys
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from pipelines import records
from pipelines.records import Catalog, Field, Kind, Stream, Table, Tier
from pipelines.records.users import USERS

MASCOTS: Final = Stream(
    "mascots",
    "/mascots",
    tables=(
        Table(
            "mascots",
            "",
            "One row per district and mascot currently in Clever.",
            id_column="mascot_id",
            id_comment="Clever ID of the mascot.",
            fields=(
                Field("name", "name.full", Kind.TEXT, Tier.PUBLIC, "Name of the mascot."),
                Field("species", "species", Kind.TEXT, Tier.PUBLIC, "What it is.", values=("Bear", "Eagle")),
                Field("trainer_id", "trainer", Kind.ID, Tier.INTERNAL, "Clever ID of its trainer."),
                Field("created_at", "created", Kind.INSTANT, Tier.INTERNAL, "When Clever created the mascot."),
            ),
            group="school",
        ),
        Table(
            "mascot_songs",
            "songs[]",
            "One row per district, mascot, and song.",
            id_column="mascot_id",
            id_comment="Clever ID of the mascot: mascot_id in mascots.",
            fields=(
                Field("title", "title", Kind.TEXT, Tier.PUBLIC, "Title of the song."),
                Field("written_on", "written", Kind.DATE, Tier.PUBLIC, "When it was written."),
            ),
            group="school",
        ),
    ),
    not_kept=("costume",),
)
HOUSE: Final = Field("house", "house", Kind.TEXT, Tier.IDENTIFIER, "House of the student.", values=("North", "South"))


def catalog() -> Catalog:
    """Return the catalog with the record type and the field."""
    tables = tuple(
        replace(table, fields=(*table.fields, HOUSE)) if table.name == "students" else table for table in USERS.tables
    )
    streams = (replace(stream, tables=tables) if stream is USERS else stream for stream in records.CATALOG.streams)
    return Catalog((*streams, MASCOTS), records.CATALOG.lookups)


def mascot(number: int, **more: Any) -> dict[str, Any]:
    """Return a mascot as the API has it."""
    return {
        "id": f"{number:024x}",
        "name": {"full": f"Mascot {number}"},
        "species": "Bear",
        "created": "2026-01-02T03:04:05.000Z",
        "songs": [{"title": f"Song {number}", "written": "1/2/1999"}],
        "costume": "fur",
        **more,
    }


class Trial:
    """A warehouse that is synced from a sandbox with mascots, by modules that read the replaced catalog."""

    def __init__(self, folder: Path) -> None:
        from pipelines.sandbox import Sandbox  # noqa: PLC0415 - after the catalog was replaced
        from pipelines.warehouse import Warehouse  # noqa: PLC0415

        self.sandbox = Sandbox(districts=1, users=30, seed=3, rate_limit=10**9)
        ((self.district_id, _),) = self.sandbox.districts.items()
        self.student = self.sandbox.roster(self.district_id).ids("student")[0]
        self.warehouse = Warehouse(folder)
        self.url = ""
        self.sandbox.add_list("mascots")

    def put(self, number: int, **more: Any) -> None:
        self.sandbox.put_record(self.district_id, "mascots", mascot(number, **more))

    def remove(self, number: int) -> None:
        self.sandbox.remove_record(self.district_id, "mascots", mascot(number)["id"])

    def sync(self) -> dict[str, Any]:
        """Sync, and return the result for the mascots."""
        from pipelines.clever import Clever, ClientCredentials, RetryPolicy  # noqa: PLC0415
        from pipelines.clever.app import CleverApp  # noqa: PLC0415
        from pipelines.progress import silent  # noqa: PLC0415
        from pipelines.sync import LimitsByDistrict, sync  # noqa: PLC0415

        credentials = ClientCredentials("sandbox", "sandbox")
        policy = RetryPolicy(first=0.01, cap=0.05, deadline=5, unreachable=0.2, tries=3)
        with Clever(self.url, self.url, "v3.0", credentials, retry_policy=policy, requests_per_minute=10**9) as clever:
            result = sync(
                CleverApp(clever),
                self.warehouse,
                uuid.uuid4().hex,
                [self.district_id],
                limits=LimitsByDistrict(),
                report=silent,
            )
        (outcome,) = result.outcomes
        counted = outcome.by_role.get("mascots")
        return {
            "outcome": outcome.outcome,
            "before": counted and counted.before,
            "counts": str(counted and counted.counts),
            "unchanged": counted and counted.unchanged,
            "exceeded": [str(each) for each in outcome.exceeded],
            "unverified": outcome.unverified,
        }

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        connection = self.warehouse.reading()
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()


def rows_and_history(trial: Trial) -> dict[str, Any]:
    """Sync mascots and a student with a house, then once more without and once with changes."""
    for number in range(1, 31):
        trial.put(number)
    trial.sandbox.change(trial.student, {"roles.student.house": "North"})
    found: dict[str, Any] = {
        "first": trial.sync(),
        "rows": trial.rows("SELECT mascot_id, name, species, created_at::VARCHAR FROM mascots ORDER BY ALL"),
        "songs": trial.rows("SELECT mascot_id, title, written_on::VARCHAR FROM mascot_songs ORDER BY ALL"),
        "house": trial.rows("SELECT house FROM students WHERE house IS NOT NULL"),
        "extra": trial.rows("SELECT count(*) FROM mascots WHERE extra IS NOT NULL"),
        "unchanged": trial.sync(),
    }
    ((instant,),) = trial.rows("SELECT max(valid_from)::VARCHAR FROM mascots")
    trial.put(1, species="Yeti", songs=[{"title": "Another song", "written": None}], colors=["red"])
    trial.put(2, songs=[])
    trial.remove(3)
    trial.sandbox.change(trial.student, {"roles.student.house": "West"})
    return found | {
        "second": trial.sync(),
        "history": trial.rows(
            "SELECT mascot_id, species, change FROM mascots_history WHERE mascot_id IN (SELECT mascot_id FROM past.past_mascots) "
            "ORDER BY ALL"
        ),
        "history of songs": trial.rows(
            "SELECT mascot_id, title, change FROM mascot_songs_history WHERE right(mascot_id, 2) IN ('01', '02') ORDER BY ALL"
        ),
        "as of": trial.rows(f"SELECT count(*), count(DISTINCT species) FROM mascots_as_of('{instant}')"),
        "songs as of": trial.rows(f"SELECT count(*) FROM mascot_songs_as_of('{instant}')"),
        "house as of": trial.rows(f"SELECT house FROM students_as_of('{instant}') WHERE user_id = '{trial.student}'"),
        "drift": trial.rows(
            "SELECT stream, path, kind, records FROM sync.drift WHERE stream = 'mascots' OR path LIKE '%house' ORDER BY ALL"
        ),
    }


def what_is_not_applied(trial: Trial) -> dict[str, Any]:
    """Sync a mass change, and reads that cannot be verified."""
    from pipelines.sandbox import ForeignRecord, RepeatedRecord  # noqa: PLC0415

    for number in range(4, 31):
        trial.remove(number)
    found = {"held": trial.sync()}
    for effect in (RepeatedRecord(), ForeignRecord()):
        name = type(effect).__name__
        trial.put(4, name={"full": name})
        trial.sandbox.inject(effect, stream="mascots")
        found[name] = trial.sync()
        trial.sandbox.heal()
    return found


def what_is_shown() -> dict[str, Any]:
    """Return what Dagster and the dictionary show of the record type and the field."""
    from assets.catalog import column_lineage  # noqa: PLC0415
    from assets.definitions import definitions  # noqa: PLC0415
    from pipelines.warehouse import dictionary, tables  # noqa: PLC0415
    from pipelines.warehouse.diagram import diagram  # noqa: PLC0415

    specs = {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}
    lineage = column_lineage(tables.metadata.tables["mascots"]).deps_by_column
    return {
        "assets": {
            key: {
                "group": specs[key].group_name,
                "deps": sorted(dep.asset_key.to_user_string() for dep in specs[key].deps),
                "columns": [
                    [column.name, column.type, column.tags["tier"]]
                    for column in specs[key].metadata["dagster/column_schema"].columns
                ],
            }
            for key in ("mascots", "mascot_songs", "students")
        },
        "stream": specs["clever/mascots"].description,
        "lineage": [dep.column_name for dep in lineage["name"]],
        "dictionary": dictionary.dictionary(),
        "diagram": diagram(tables.assets()),
    }


def main(folder: Path) -> None:
    """Sync the catalog with the record type and the field, and write down what the tests look at."""
    vars(records)["CATALOG"] = catalog()
    trial = Trial(folder / "warehouse")
    with trial.sandbox.serve() as server:
        trial.url = server.url
        found = rows_and_history(trial) | what_is_not_applied(trial)
    (folder / "found.json").write_text(json.dumps(found | what_is_shown()), encoding="utf-8")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the program found."""
    folder = tmp_path_factory.mktemp("toy")
    done = subprocess.run(
        [sys.executable, __file__, str(folder)], capture_output=True, text=True, check=False, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads((folder / "found.json").read_text(encoding="utf-8"))
    return report


def test_the_records_are_rows(found: dict[str, Any]) -> None:
    assert found["first"]["outcome"] == "applied"
    assert found["first"]["counts"] == "30 added, 0 updated, 0 archived, 0 restored"
    assert len(found["rows"]) == 30
    mascot_id, name, species, created_at = found["rows"][0]
    assert (mascot_id, name, species) == (mascot(1)["id"], "Mascot 1", "Bear")
    assert created_at.startswith("2026-01-0")
    assert found["songs"][0] == [mascot(1)["id"], "Song 1", "1999-01-02"]
    assert found["extra"] == [[0]]  # what is documented and not kept is not in extra


def test_the_field_is_a_column(found: dict[str, Any]) -> None:
    assert found["house"] == [["North"]]


def test_records_that_are_the_same_bytes_are_unchanged(found: dict[str, Any]) -> None:
    assert (found["unchanged"]["outcome"], found["unchanged"]["unchanged"]) == ("unchanged", 30)


def test_changes_of_records_and_of_their_lists_are_counted_and_keep_their_history(found: dict[str, Any]) -> None:
    assert (found["second"]["outcome"], found["second"]["before"], found["second"]["unchanged"]) == ("applied", 30, 27)
    assert found["second"]["counts"] == "0 added, 2 updated, 1 archived, 0 restored"
    assert found["history"] == [
        [mascot(1)["id"], "Bear", "created"],
        [mascot(1)["id"], "Yeti", "updated"],
        [mascot(3)["id"], "Bear", "archived"],
        [mascot(3)["id"], "Bear", "created"],
    ]
    assert found["history of songs"] == [
        [mascot(1)["id"], "Another song", "created"],
        [mascot(1)["id"], "Song 1", "archived"],
        [mascot(1)["id"], "Song 1", "created"],
        [mascot(2)["id"], "Song 2", "archived"],
        [mascot(2)["id"], "Song 2", "created"],
    ]
    assert (found["as of"], found["songs as of"], found["house as of"]) == ([[30, 1]], [[30]], [["North"]])


def test_drift_names_the_stream(found: dict[str, Any]) -> None:
    assert ["mascots", "colors", "unknown_field", 1] in found["drift"]
    assert ["mascots", "species", "unknown_value", 1] in found["drift"]
    assert ["users", "roles.student.house", "unknown_value", 1] in found["drift"]
    assert all(kind != "unknown_field" or path == "colors" for _, path, kind, _ in found["drift"])


def test_a_mass_change_is_held(found: dict[str, Any]) -> None:
    assert found["held"]["outcome"] == "held"
    assert found["held"]["exceeded"] == ["27 of 29 mascots would be archived (93.1%, the limit is 10%)"]


def test_a_read_that_is_not_verified_fails(found: dict[str, Any]) -> None:
    assert found["RepeatedRecord"]["outcome"] == found["ForeignRecord"]["outcome"] == "failed"
    assert found["RepeatedRecord"]["unverified"] == ["/mascots shows 1 records more than it has ids: some came twice"]
    assert found["ForeignRecord"]["unverified"] == ["1 of the records of /mascots belong to another district"]


def test_the_tables_are_assets_with_columns_and_lineage(found: dict[str, Any]) -> None:
    assert found["stream"].startswith("All mascots (GET /mascots).\n")
    assert found["assets"]["mascots"] == {
        "group": "school",
        "deps": ["clever/mascots"],
        "columns": [
            ["mascot_id", "VARCHAR", "internal"],
            ["district_id", "VARCHAR", "internal"],
            ["name", "VARCHAR", "public"],
            ["species", "VARCHAR", "public"],
            ["trainer_id", "VARCHAR", "internal"],
            ["created_at", "TIMESTAMPTZ", "internal"],
            ["first_seen_at", "TIMESTAMPTZ", "internal"],
            ["extra", "JSON", "unknown"],
            ["valid_from", "TIMESTAMPTZ", "internal"],
            ["change", "VARCHAR", "internal"],
        ],
    }
    assert ["written_on", "DATE", "public"] in found["assets"]["mascot_songs"]["columns"]
    assert ["house", "VARCHAR", "identifier"] in found["assets"]["students"]["columns"]
    assert found["lineage"] == ["name.full"]


def test_the_dictionary_describes_them(found: dict[str, Any]) -> None:
    text = found["dictionary"]
    assert "### mascots\n" in text
    assert "### mascot_songs_history\n" in text
    assert "| `house` | VARCHAR |  | identifier | roles.student.house | House of the student." in text
    assert "| `mascots` | `species` | Bear, Eagle |" in text
    assert 'data-from="mascot_songs.mascot_id" data-to="mascots"' in found["diagram"]
    assert "- `mascots`: `costume`" in text
    assert "`mascots_as_of(instant)`" in text


if __name__ == "__main__":
    main(Path(sys.argv[1]))
