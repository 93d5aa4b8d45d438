"""Which districts Dagster knows: one dynamic partition per district that was ever connected, and which of them a run is about."""

from collections.abc import Collection

import dagster as dg
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
    PARTITION_NAME_TAG,
)

district_partitions = dg.DynamicPartitionsDefinition(name="district")
"""The partitions of the Clever streams; a key is a Clever district ID.

No partition is ever deleted. Dagster keeps only the two ends of a range of partitions and orders them by when they were
added: deleting one changes what the ranges of other runs contain.
"""

_SELECTION_TAGS = (PARTITION_NAME_TAG, ASSET_PARTITION_RANGE_START_TAG, ASSET_PARTITION_RANGE_END_TAG)


def registered(instance: dg.DagsterInstance) -> list[str]:
    """The districts that have a partition."""
    return list(instance.get_dynamic_partitions("district"))


def register(instance: dg.DagsterInstance, connected: Collection[str]) -> None:
    """Add a partition for each connected district that has none."""
    instance.add_dynamic_partitions("district", list(connected))


def selected(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[str]:
    """The districts that a partitioned run was launched for, in ascending order.

    They are what Dagster wrote down as planned at launch, because a range may contain other partitions by now. A run that
    was re-executed is about the same districts as the run that it repeats.
    """
    root = instance.get_run_by_id(run.root_run_id) if run.root_run_id else None
    if root is not None and all(root.tags.get(tag) == run.tags.get(tag) for tag in _SELECTION_TAGS):
        run = root
    planned = instance.get_asset_partitions_for_run(run.run_id, dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED)
    return sorted({key for keys in planned.values() for key in keys if key is not None})
