"""seawall support: where support can be offered to people whom a network courts. Nobody of them is named."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from seawall.cli.home import DEFAULT, AsJson, Home, open_lake
from seawall.cli.terminal import counted, fail, out, print_json
from seawall.records.support import FEWEST
from seawall.signals.voices.offer import LINK, languages, offer


def support(
    home: Home = DEFAULT,
    as_json: AsJson = False,
    message: Annotated[
        str | None, typer.Option(help="Print the message to offer in this language: " + ", ".join(languages()) + ".")
    ] = None,
    link: Annotated[str | None, typer.Option(help="Address of the help that the message names.")] = None,
) -> None:
    """Show how many people the network courts, in which languages and under which tags, as the last scan counted them:
    where a platform may offer support. They are in no case and on no list."""
    if message is not None:
        _say_message(message, link)
        return
    if link is not None:
        fail("--link goes with --message LANGUAGE.")
    with open_lake(home) as lake, lake.snapshot() as snapshot:
        rows = snapshot.read("support").to_pylist()
    if as_json:
        for row in rows:
            print_json({name: _plain(value) for name, value in row.items()})
        return
    if not rows:
        out.print(
            "The last scan found nobody whom a network courts, or there was none since the lake changed: seawall scan."
        )
        return
    for row in rows:
        _show(row)
    out.print(
        "Offer it where these tags are looked up, to everybody who comes there: seawall support --message LANGUAGE "
        "--link ADDRESS. Who these people are is not kept.",
        style="dim",
    )


def _say_message(language: str, link: str | None) -> None:
    if language not in languages():
        fail(f"there is no message in '{language}'. There are: {', '.join(languages())}.")
    out.print(offer(language, link or LINK), markup=False, highlight=False, soft_wrap=True)


def _plain(value: object) -> object:
    return value.date().isoformat() if isinstance(value, datetime) else value


def _show(row: dict[str, Any]) -> None:
    whom = f"{row['platform']}, {row['language']}" if row["language"] else row["platform"]
    many = counted(row["accounts"], "account") if row["accounts"] else f"1 to {FEWEST - 1} accounts"
    tags = " ".join(f"#{tag}" for tag in row["tags"])
    out.print(f"{whom}: {many}", style="bold" if not row["language"] else None, markup=False)
    out.print(
        f"  {row['first']:%Y-%m-%d} to {row['last']:%Y-%m-%d}" + (f"  under {tags}" if tags else ""), markup=False
    )
