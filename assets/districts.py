"""Which districts Dagster knows: one dynamic partition each, added when it authorises the app, removed when it disconnects."""

from collections.abc import Collection

import dagster as dg

district_partitions = dg.DynamicPartitionsDefinition(name="district")
"""The partitions of what Clever answered; a key is a Clever district id."""


def registered(instance: dg.DagsterInstance) -> list[str]:
    """The districts that have a partition."""
    return list(instance.get_dynamic_partitions("district"))


def register(instance: dg.DagsterInstance, connected: Collection[str], *, all_are_known: bool) -> None:
    """Make the partitions those of the connected districts.

    Without ``all_are_known`` (a token could not be used) no partition is removed. What was synced of a district that
    disconnected stays in the warehouse.
    """
    there = registered(instance)
    instance.add_dynamic_partitions("district", [district for district in connected if district not in there])
    if all_are_known:
        for district in set(there) - set(connected):
            instance.delete_dynamic_partition("district", district)
