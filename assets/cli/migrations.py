"""How `clever-warehouse migrate` finds what to move where, and what it says when it is done."""

from assets import settings
from assets.resources import file_warehouse, lake_warehouse
from pipelines.progress import Report


def moved(to: str, data: str, report: Report) -> str:
    """Move the warehouse; gives what comes next, as sentences.

    Raises:
        SettingsError: the destination is the present one, or is not named as it must be.
        WarehouseError: nothing is published, the destination is not empty, or it cannot be reached.
    """
    values = settings.load()
    catalog = to.removeprefix(settings.LAKE).strip()
    if to == "duckdb":
        if values.lake is None:
            raise settings.SettingsError(
                "CLEVER_WAREHOUSE names a file, so there is no lake to migrate: set it to the lake."
            )
        from pipelines.operations import migrate  # noqa: PLC0415 (needs the optional dependencies of a lake)

        place = migrate.into_file(lake_warehouse(values.lake, values.clever_lake_data), file_warehouse(), report)
        return f"{place} has every row of the lake. Remove CLEVER_WAREHOUSE and CLEVER_LAKE_DATA: the next sync continues from the file."
    if not to.startswith(settings.LAKE) or not catalog:
        raise settings.SettingsError(f"--to must be duckdb, or {settings.LAKE} and how PostgreSQL is reached.")
    if values.lake is not None:
        raise settings.SettingsError(
            "CLEVER_WAREHOUSE names a lake: remove it to migrate the published file, or use --to duckdb."
        )
    if not data:
        raise settings.SettingsError("--data is missing: name a folder, or a place such as s3://bucket/clever.")
    from pipelines.operations import migrate  # noqa: PLC0415 (needs the optional dependencies of a lake)

    lake = lake_warehouse(catalog, data)
    migrate.into_lake(file_warehouse(), lake, report)
    return (
        f"{lake.lake.name[0].upper()}{lake.lake.name[1:]} has every row of the file. Set CLEVER_WAREHOUSE to what you gave with --to, and "
        f"CLEVER_LAKE_DATA={data}: the next sync continues from the lake. The file is as it was."
    )
