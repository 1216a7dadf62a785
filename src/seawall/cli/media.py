"""seawall media: reading the words in pictures, and hashing media so that banks are asked about them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.home import DEFAULT, AsJson, Home, open_lake
from seawall.cli.terminal import counted, err, fail, out, print_json, telling
from seawall.cli.told import Told
from seawall.media.reading import ReadReport, read_pictures
from seawall.media.shelf import MediaError, Shelf

if TYPE_CHECKING:
    from seawall.stream.arriving import ArrivedReport

app = typer.Typer(
    no_args_is_help=True, help="Media of posts: their words (extra 'ocr') and their hashes (extra 'media')."
)


@app.callback()
def media() -> None:
    """Media of posts: their words (extra 'ocr') and their hashes (extra 'media')."""


@app.command()
def read(
    files: Annotated[Path, typer.Argument(help="The export's folder, or its .zip, with the pictures in it.")],
    home: Home = DEFAULT,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Pictures read at once; each takes a core.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Read the words in pictures of posts that were loaded; the next scan asks the rules about them, too.

    Each picture is read once. Stopped at any moment, it goes on there when it is run again. Nothing leaves this
    machine.
    """
    from seawall.media.reader import Reader  # noqa: PLC0415 - optional

    with open_lake(home) as lake, telling() as tell:
        try:
            reader = Reader()
            report = read_pictures(lake, Shelf(files), reader, jobs, lambda done, of: tell("pictures", done, of))
        except MediaError as error:
            fail(str(error))
    if reader.missing:
        err.print(f"Tesseract lacks: {', '.join(reader.missing)}; words in these languages are misread", style="yellow")
    if as_json:
        print_json(report.as_dict())
        return
    _say(report)


@app.command("hash")
def hash_files(
    files: Annotated[Path, typer.Argument(help="The export's folder, or its .zip, with the media in it.")],
    home: Home = DEFAULT,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Files hashed at once; each takes a core.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Hash pictures, videos, sounds and files of posts that were loaded, and say how many stand in a bank; the next
    scan makes findings of them.

    Each file is hashed once. Stopped at any moment, it goes on there when it is run again. Nothing leaves this machine.
    """
    from seawall.media.clips import Clips  # noqa: PLC0415 - optional
    from seawall.media.hashing import hash_media  # noqa: PLC0415
    from seawall.signals.contract import SignalError  # noqa: PLC0415
    from seawall.signals.media import standing  # noqa: PLC0415

    with open_lake(home) as lake, telling() as tell:
        try:
            report = hash_media(lake, Shelf(files), Clips(), jobs, lambda done, of: tell("media", done, of))
            found = standing(home, lake)
        except (MediaError, SignalError) as error:
            fail(str(error))
    if as_json:
        print_json({**report.as_dict(), "in_banks": found})
        return
    out.print(f"{counted(report.media, 'file')} of posts, {report.already:,} hashed before.")
    out.print(f"  {report.no_file:>7,} are not here, or not beyond doubt")
    out.print(f"  {report.hashed:>7,} hashed, {report.known:,} known from other posts")
    for why, count in report.unhashed.most_common():
        out.print(f"  {count:>7,} without a hash but of the file: {why}", markup=False)
    out.print(f"{counted(found, 'file')} in the lake {'stands' if found == 1 else 'stand'} in a bank.")
    if found:
        out.print("Next: seawall scan")


@app.command()
def follow(
    home: Home = DEFAULT,
    once: Annotated[bool, typer.Option("--once", help="Hash what there is and end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Hash media as their posts come: files in the folders that seawall.toml names under media, and, where it names
    servers to fetch from, those. What stands in a bank is on the desk within seconds where `seawall up` runs, which
    runs this, too. Nothing that is fetched is kept."""
    from seawall.ledger.config import SettingsError, read_settings  # noqa: PLC0415 - takes a moment to import
    from seawall.media.clips import Clips  # noqa: PLC0415
    from seawall.media.fetching import Fetcher, Hosts  # noqa: PLC0415
    from seawall.stream.arriving import Arriving  # noqa: PLC0415

    open_lake(home).close()
    try:
        wanted = read_settings(home).media
        if not wanted.followed:
            fail(f"[media] of {home / 'seawall.toml'} names no files and no servers, so there is nothing to hash")
        hosts = Hosts(wanted.fetch_from, wanted.own_hosts)
        fetcher = Fetcher(hosts, wanted.seconds, wanted.megabytes << 20) if hosts else None
        following = Arriving(home, [Path(place) for place in wanted.files], fetcher, Clips(), wanted.waiting)

        def tell(report: ArrivedReport) -> None:
            if as_json:
                print_json(report.as_dict(), at_once=True)
            else:
                out.print(_arrived(report), markup=False)

        following.run(Told().listen(), None if once else tell, once=once, patience=0.0 if once else None)
    except (SettingsError, MediaError) as error:
        fail(str(error))
    if once:
        tell(following.report)
        for why, count in following.report.failed.most_common() if not as_json else ():
            out.print(f"  {count:>7,} without a hash but of the file, or not read: {why}", markup=False)


def _arrived(report: ArrivedReport) -> str:
    words = [
        f"{counted(report.media, 'file')} came",
        f"{report.hashed:,} hashed, {report.fetched:,} of them fetched",
        f"{report.waiting:,} waiting",
        f"{report.no_file:,} not here",
        f"{sum(report.failed.values()):,} without a hash",
    ]
    return ", ".join([*words, f"{report.shed:,} LET GO"] if report.shed else words)


def _say(report: ReadReport) -> None:
    out.print(f"{counted(report.pictures, 'picture')} of posts, {report.already:,} read before.")
    out.print(f"  {report.no_file:>7,} have no file here, or none beyond doubt")
    out.print(f"  {report.read:>7,} read, {report.known:,} known from other posts; {report.with_words:,} have words")
    for why, count in report.unread.most_common():
        out.print(f"  {count:>7,} could not be read: {why}", markup=False)
    if report.with_words:
        out.print("Next: seawall scan")
