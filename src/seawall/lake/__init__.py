"""Where facts live: immutable Parquet files, one small manifest that says which of them count, and readers.

Acknowledged means there; a kill leaves nothing half there; the same fact twice is one row; days expire.
"""

from seawall.lake.lake import Lake, LoadResult
from seawall.lake.manifest import LakeError
from seawall.lake.snapshot import Snapshot

__all__ = ["Lake", "LakeError", "LoadResult", "Snapshot"]
