"""seawall newcomers: new and renamed accounts, compared with all suspended ones as they come. It names nobody."""

from __future__ import annotations

import msgspec

from seawall.cli.home import DEFAULT, AsJson, Home, open_lake
from seawall.cli.returns import kept_by_desk
from seawall.cli.terminal import counted, fail, out, print_json
from seawall.cli.told import Told

EVERY = 0.1  # seconds between two looks at what came


def newcomers(home: Home = DEFAULT, as_json: AsJson = False) -> None:
    """Compare every new or renamed account with all that are suspended, as soon as it comes, and say how many may be
    back. Nobody is named and no hypothesis is kept: who stands above the line over conduct of their own is shown by
    seawall returns, and beside their case."""
    from seawall.stream.newcomers import Newcomers  # noqa: PLC0415 - the engines take a second to import
    from seawall.stream.parts import StreamError  # noqa: PLC0415

    open_lake(home).close()
    stop = Told().listen()
    try:
        asking = Newcomers(home, lambda: kept_by_desk(home))
    except StreamError as error:
        fail(str(error))
    before = None
    try:
        while True:
            now = asking.now()
            if now != before:
                if as_json:
                    print_json(msgspec.to_builtins(now), at_once=True)
                elif not before or (now.suspended, now.likely, now.listed) != (
                    before.suspended,
                    before.likely,
                    before.listed,
                ):
                    out.print(
                        f"{counted(now.asked, 'new or renamed account')} compared with {now.suspended:,} suspended in "
                        f"the last day: {now.likely:,} may be back, {now.listed:,} of them above the line over conduct "
                        "of their own."
                    )
                before = now
            if stop.wait(EVERY):
                return
            asking.step()
    finally:
        asking.close()
