"""How long known media take from the lake to the queue, with the processes as they run: `media follow` and scanner.

A picture that stands in a bank, edited anew each time, lies in the folder when its post comes to the lake; beside each
come pictures that stand in none.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.report import Result, process
from bench.watch_latency import end, measured, seawall, told
from seawall.lake import Lake
from seawall.sources.loading import load
from seawall.sources.telegram import TelegramExport

SCENES, CHATS = (import_module(name) for name in ("media.scenes", "sources.telegram_chats"))  # of the tests
POSTS, BACKGROUND = 60, 2  # posts that match, and those beside each that do not
BANK = """
import sys
from datetime import date
from pathlib import Path
from typing import Any
from seawall import ledger
home = Path(sys.argv[1])
ledger.setup(home)
ledger.migrate()
from django.contrib.auth.models import Group
from seawall.grounds import banks
from seawall.people.models import User
from seawall.records.terms import Conduct
def legal(name):
    made = User.objects.create(username=name)
    made.groups.set([Group.objects.get_or_create(name="legal")[0]])
    return made
one, other = legal("one"), legal("other")
content = Path(sys.argv[2]).read_bytes()
given = "drawn", Conduct.PROPAGANDA, "the benchmark", "drawn for it", date(2999, 1, 1), "list.csv"
banks.agree(other, banks.bring(one, *given, content)[0].pk, "measured")
"""


def run() -> list[Result]:
    """Seconds from a post in the lake to the case of its author: median, 90th percentile and worst."""
    from seawall.media.opened import luminance  # noqa: PLC0415 - needs the extra `media`
    from seawall.media.pdq import hash_of, waves  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="seawall-latency-") as folder:
        home, export = Path(folder) / "home", Path(folder) / "export"
        (export / "photos").mkdir(parents=True)
        os.environ["SEAWALL_HOME"] = str(home)
        seawall(home, "init").wait()
        settings = home / "seawall.toml"
        settings.write_text(settings.read_text().replace("files = []", f'files = ["{export}"]'))
        its = hash_of(waves(luminance(_file(0, 95))).waves).tobytes().hex()
        (Path(folder) / "list.csv").write_text(f"hash,kind\n{its},pdq\n")
        process(BANK, home, Path(folder) / "list.csv")
        number = 0

        def post(author: str) -> None:
            nonlocal number
            messages: list[dict[str, Any]] = []
            for of in (0, *range(number * BACKGROUND + 1, (number + 1) * BACKGROUND + 1)):
                name = f"photos/{number}-{of}.jpg"
                (export / name).write_bytes(_file(of, 30 + number % 60))
                who = {"from_id": author if not of else f"user{of}"}
                messages.append({**CHATS.message(len(messages) + 10 * number + 1, photo=name), **who})
            number += 1
            path = export / "result.json"
            path.write_text(json.dumps(CHATS.chat(messages)), "utf-8")
            with Lake(home) as lake:
                load(lake, TelegramExport(), path)

        processes = [seawall(home, "media", "follow"), seawall(home, "scanner")]
        try:
            taken = measured(post, ["user-warm", *(f"user-{n}" for n in range(POSTS))], home / "ledger.sqlite")
        finally:
            end(processes)
    return told("media_latency", taken)[:1]


def _file(seed: int, quality: int) -> bytes:
    made = io.BytesIO()
    SCENES.picture(SCENES.scene(seed)).save(made, "JPEG", quality=quality)
    return made.getvalue()
