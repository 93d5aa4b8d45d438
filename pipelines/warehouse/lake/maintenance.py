"""What keeps a lake small and fast: rewriting, merging, forgetting and deleting, while nobody commits."""

from dataclasses import dataclass
from string import Template

from pipelines.warehouse.lake.lake import Lake, OnWait
from pipelines.warehouse.statements import statement


@dataclass(frozen=True, slots=True)
class Maintained:
    """What a maintenance of a lake did."""

    rewritten: int
    """Files with deleted rows that were written again without them."""
    merged: int
    """Small files that were merged into larger ones."""
    snapshots: int
    """Snapshots that were forgotten: nobody can read these states of the lake any longer."""
    deleted: int
    """Files that were deleted because no snapshot needs them."""
    orphans: int
    """Files that were deleted because no snapshot ever named them."""

    def __str__(self) -> str:
        """The counts as a sentence."""
        return (
            f"Rewrote {self.rewritten:,} files without deleted rows, merged {self.merged:,} small files, forgot {self.snapshots:,} "
            f"snapshots, and deleted {self.deleted:,} files that they needed and {self.orphans:,} that no snapshot names."
        )


def maintain(lake: Lake, days: int, on_wait: OnWait) -> Maintained:
    """Rewrite, merge, and forget what is older than some days; nobody commits meanwhile.

    Args:
        lake: The lake.
        days: For how many days each state of the lake can be read; longer than the longest reader reads.
        on_wait: Called if another process is committing.

    Raises:
        LakeError: the lake cannot be reached, or a step failed; those before it are done.
    """
    steps = Template(statement("lake/maintain")).substitute(days=days)
    with lake.changing(on_wait), lake.connected() as connection, lake.translated():
        # By CALL and without a transaction: a SELECT from these functions is rolled back when its result is dropped.
        found = [connection.execute(step).fetchall() for step in steps.split(";\n") if step.strip()]
    rewritten, merged, snapshots, deleted, orphans = found
    return Maintained(_files(rewritten), _files(merged), len(snapshots), len(deleted), len(orphans))


def _files(rows: list[tuple[str, str, int, int]]) -> int:
    return sum(processed for _, _, processed, _ in rows)
