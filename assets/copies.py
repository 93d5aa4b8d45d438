"""Which copies with less are published beside the warehouse, as the settings say."""

from collections.abc import Iterator
from pathlib import Path

from assets import settings
from pipelines.progress import Notice, Report
from pipelines.records import Tier
from pipelines.warehouse import Warehouse, WarehouseError, keys
from pipelines.warehouse.reduced import Deidentified, Reduction, deidentified, described, publish


def refresh(warehouse: Warehouse, report: Report) -> None:
    """Publish every copy that the settings ask for; one that cannot be made is a notice, and its former file stays."""
    try:
        for reduction in _asked_for():
            publish(warehouse, reduction)
    except WarehouseError as error:
        report(Notice(f"A copy of the published file could not be made, and the former one is unchanged. {error}"))


def deidentify(
    warehouse: Warehouse, report: Report, *, with_sensitive: bool, new_key: bool, place: Path | None
) -> Deidentified:
    """Publish the de-identified copy.

    Args:
        warehouse: Whose published file is copied.
        report: Told of a writer that is waited for.
        with_sensitive: Whether sensitive columns keep their values.
        new_key: Whether the key is replaced first.
        place: Where the copy goes, if not beside the published file.

    Raises:
        SettingsError: a setting cannot be used.
        WarehouseError: nothing is published, or the copy could not be made; the former one is unchanged.
    """
    warehouse.require_published()
    file = settings.load().deidentification_key_file
    warehouse.prepare()
    with warehouse.held("deidentify", report):
        if new_key:
            keys.replace(file)
        reduction = deidentified(keys.read_or_create(file), with_sensitive=with_sensitive)
        return described(publish(warehouse, reduction, place), None if place else warehouse.key)


def _asked_for() -> Iterator[Reduction]:
    values = settings.load()
    if values.clever_deidentified != "no":
        key = keys.read_or_create(values.deidentification_key_file)
        yield deidentified(key, with_sensitive=values.clever_deidentified == "with_sensitive")
    for name, tiers in values.clever_publish_tiers.items():
        yield Reduction(name, frozenset(Tier(tier) for tier in tiers))
