"""How kernels are compiled: to a cache on disk, without the interpreter's lock."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Nodes = npt.NDArray[np.uint32]

compiled = numba.njit(cache=True, nogil=True)
compiled_fast = numba.njit(cache=True, nogil=True, fastmath=True)  # where the order of a sum may change
