"""What the workers' fork server has done before it forks: all is imported, and texts can be read.

It must not use a data frame: the threads of Polars would not come along with a fork.
"""

from __future__ import annotations

import seawall.stream.worker  # noqa: F401 - so that no worker imports it by itself
from seawall.signals.text.reading import load

load()
