"""The warehouse as a lake: DuckLake's tables in PostgreSQL and on object storage, and what is committed to them when.

A sync writes to a work database on a local disk, whatever the destination. Where the destination is a file, it becomes the next
published file; where it is a lake, the difference between the work database and the lake is committed. So no statement of a sync
is written twice.
"""

from pipelines.warehouse.lake.destination import LakeWarehouse
from pipelines.warehouse.lake.lake import Lake
from pipelines.warehouse.lake.part import WHOLE, Part

__all__ = ["WHOLE", "Lake", "LakeWarehouse", "Part"]
