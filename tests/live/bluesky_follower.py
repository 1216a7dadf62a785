"""Follows Bluesky into a lake until it is killed; a test kills it.

python bluesky_follower.py HOME URL DIDS
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from seawall.lake import Lake
from seawall.sources.contract import SourceError
from seawall.sources.kinds import KINDS
from seawall.sources.loading import follow


def main(home: str, url: str, dids: str) -> None:
    source = KINDS["bluesky"].followed({"url": url, "dids": dids, "collections": ""}, "bluesky")
    with Lake(Path(home)) as lake:
        print("following", flush=True)
        while True:
            try:
                follow(lake, source)
            except SourceError as error:
                print(error, flush=True)
            time.sleep(0.3)


if __name__ == "__main__":
    main(*sys.argv[1:])
