"""seawall rules: what rules there are, whether a file may go live, what it would have matched; stop and start."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.desk import has_desk, log, open_desk, who
from seawall.cli.home import DEFAULT, AsJson, Home, open_lake
from seawall.cli.terminal import fail, out, print_json, telling
from seawall.grounds.seeds import Seeds, SeedsError
from seawall.records.labels import Label

if TYPE_CHECKING:
    from seawall.signals.rules import Rule, Rulebook
    from seawall.signals.rules.backtest import Backtest

app = typer.Typer(no_args_is_help=True, help="People's rules: check, back-test, publish, stop and start.")
File = Annotated[Path, typer.Argument(help="A rule file, wherever it is.")]
RuleId = Annotated[str, typer.Argument(help="The rule's id.")]
Why = Annotated[str, typer.Option("--why", prompt="Why", help="Why, for whoever asks later.")]


@app.command("list")
def list_rules(home: Home = DEFAULT, as_json: AsJson = False) -> None:
    """Every rule of the home: its state, version, author, and why it is stopped."""
    book = _book(home)
    for rule in book.rules:
        stop = book.stops.get(rule.id) if rule.state == "stopped" else None
        if as_json:
            print_json({**_about(rule), "stopped": {"why": stop.why, "by": stop.by, "at": stop.at} if stop else None})
            continue
        out.print(f"{rule.state:<8} {rule.id:<34} v{rule.version:<3} {rule.title} ({rule.author})", markup=False)
        if stop:
            out.print(f"         stopped {stop.at[:16]} by {stop.by}: {stop.why}", markup=False, style="yellow")
    for path, why in book.unread.items():
        if as_json:
            print_json({"rule": path.stem, "state": "draft", "unread": why})
        else:
            out.print(f"{'draft':<8} {path.stem:<34} cannot be read yet: {why}", markup=False, style="yellow")


def _about(rule: Rule) -> dict[str, object]:
    return {
        "rule": rule.id,
        "version": rule.version,
        "state": rule.state.value,
        "conduct": rule.conduct.value,
        "title": rule.title,
        "author": rule.author,
        "quota": rule.quota,
    }


@app.command()
def check(file: File, home: Home = DEFAULT, as_json: AsJson = False) -> None:
    """Whether a rule file may go live: its grammar, its examples, the control corpus. Ends with the reason if not."""
    from seawall.signals.rules import RuleError  # noqa: PLC0415 - the engines take a second to import
    from seawall.signals.rules.files import read_rule  # noqa: PLC0415
    from seawall.signals.rules.signal import checked  # noqa: PLC0415

    try:
        book = _book(home)
        rule = read_rule(file, book.lists)
        checked([rule], book.lists)
    except RuleError as error:
        fail(str(error))
    if as_json:
        print_json({**_about(rule), "may_go_live": True})
        return
    said = f"{len(rule.matches)} examples match, {len(rule.silent)} are silent, and so is the control corpus"
    out.print(f"{rule.id} v{rule.version} may go live: {said}. Next: seawall rules backtest {file}", markup=False)


@app.command()
def backtest(
    file: File,
    home: Home = DEFAULT,
    as_json: AsJson = False,
    sample: Annotated[int, typer.Option(min=0, help="So many matching posts, drawn by chance.")] = 20,
    posts: Annotated[
        bool, typer.Option("--posts", help="Show the texts of the sample. They may be disturbing.")
    ] = False,
) -> None:
    """What a rule file would have matched in the lake: a day, a sample, and accounts that people decided about."""
    from seawall.signals.rules import RuleError  # noqa: PLC0415 - the engines take a second to import
    from seawall.signals.rules.backtest import backtest as run  # noqa: PLC0415
    from seawall.signals.rules.files import read_rule  # noqa: PLC0415
    from seawall.signals.scan import texts_of  # noqa: PLC0415

    try:
        lists = _book(home).lists
        rule = read_rule(file, lists)
        with open_lake(home) as lake, lake.snapshot() as snapshot, telling() as tell:
            said = run(snapshot, rule, lists, _decided(home), sample, tell)
            texts = texts_of(snapshot, {(p.platform, p.post_id) for p in said.sample}) if posts else {}
    except (RuleError, SeedsError) as error:
        fail(str(error))
    if posts:
        _log(home, "text", rule, posts=len(said.sample))
    if as_json:
        print_json({**said.as_dict(), **({"texts": [[*key, text] for key, text in texts.items()]} if posts else {})})
    else:
        _show(said, rule, texts)


def _decided(home: Path) -> list[Label]:
    """Seeds, and what people decided about accounts, taken back or not."""
    if not has_desk(home):
        return list(Seeds(home).live())
    open_desk(home)
    from seawall.cases.queries import labels  # noqa: PLC0415 - needs the ledger

    return [*Seeds(home).live(), *labels()]


def _log(home: Path, what: str, rule: Rule, why: str = "", **more: object) -> None:
    """Whoever reads people's posts or changes what runs is in the audit log, from the command line too."""
    log(home, f"rules.{what}", f"rule:{rule.id}", why, version=rule.version, **more)


def _show(said: Backtest, rule: Rule, texts: dict[tuple[str, str], str]) -> None:
    out.print(f"{rule.id} v{rule.version} over {said.posts:,} posts (lake version {said.lake_version})", markup=False)
    out.print(f"  {said.matches:,} posts match, of {said.accounts:,} accounts; {said.found:,} would be listed")
    over = ": it would have stopped itself" if said.busiest_hour > said.quota else ""
    out.print(f"  fullest hour {said.busiest_hour:,} matches, quota {said.quota:,}{over}")
    held = said.overlap
    out.print(f"  finds {held.found:,} of {held.decided:,} accounts that people decided about or verified")
    if held.taken_back:
        out.print(f"  and {held.taken_back:,} whose decision was taken back", style="yellow")
    for part in said.conditions:
        alone = f"{part.alone:,} {'brought in' if said.any_of else 'kept out'} by it alone"
        out.print(f"  holds of {part.holds:,}, {alone}: {part.text}", markup=False)
    widest = max(said.days.values(), default=1)
    for day, count in list(said.days.items())[-31:]:
        out.print(f"  {day}  {count:>7,}  {'█' * max(1, round(40 * count / widest))}")
    if len(said.days) > 31:
        out.print(f"  … and {len(said.days) - 31:,} earlier days: --json")
    for post in said.sample:
        when = f"{post.at:%Y-%m-%d %H:%M}" if post.at else "undated         "
        name = f"{post.platform}:{post.handle or post.account_id}"
        text = " ".join(texts.get((post.platform, post.post_id), "").split())
        out.print(f"    {when}  {name}  {post.post_id}  {text}".rstrip(), markup=False)


@app.command()
def publish(file: File, home: Home = DEFAULT) -> None:
    """Make a rule file the one that runs in this home. Its version must be higher; the one before is kept."""
    from seawall.signals.rules import RuleError  # noqa: PLC0415 - the engines take a second to import
    from seawall.signals.rules.publishing import publish as put  # noqa: PLC0415

    try:
        done = put(home, file)
    except RuleError as error:
        fail(str(error))
    _log(home, "publish", done.rule, state=done.rule.state.value, sha256=sha256(file.read_bytes()).hexdigest())
    beside = f" beside version {done.before}, which goes on as before" if done.rule.state == "shadow" else ""
    before = (beside or f" in place of version {done.before}") if done.before else ""
    out.print(f"{done.rule.id} v{done.rule.version} is {done.rule.state}{before}.", markup=False)


@app.command()
def stop(rule: RuleId, why: Why, home: Home = DEFAULT) -> None:
    """Stop a rule: from the next scan on it lists nobody. A new version starts anew."""
    from seawall.signals.rules.stops import Stops  # noqa: PLC0415 - the engines take a second to import

    found = _rule(home, rule)
    Stops(home).stop(found, why, who())
    _log(home, "stop", found, why)
    out.print(f"{rule} is stopped.", markup=False)


@app.command()
def start(rule: RuleId, why: Why, home: Home = DEFAULT) -> None:
    """Let a stopped rule run again."""
    from seawall.signals.rules.stops import Stops  # noqa: PLC0415 - the engines take a second to import

    found = _rule(home, rule)
    if found.state != "stopped":
        fail(f"{rule} is not stopped: it is {found.state}.")
    Stops(home).start(found, why, who())
    _log(home, "start", found, why)
    out.print(f"{rule} runs again.", markup=False)


def _rule(home: Path, wanted: str) -> Rule:
    found = {rule.id: rule for rule in _book(home).rules}
    if wanted not in found:
        fail(f"there is no rule '{wanted}'. Known are: {', '.join(found)}.")
    return found[wanted]


def _book(home: Path) -> Rulebook:
    open_lake(home).close()  # says what to do where there is no home
    from seawall.signals.rules import RuleError, read_book  # noqa: PLC0415 - the engines take a second to import

    try:
        return read_book(home)
    except RuleError as error:
        fail(str(error))
