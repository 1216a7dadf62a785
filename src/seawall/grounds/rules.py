"""People's rules at the desk: reading, writing, trying, shadow, live, stop and start; each act logged.

What runs is always and only the files of the home (`signals/rules`); who runs long takes them over by itself. Nothing
is overwritten but a draft. Two people stand behind a live rule: whoever wrote a version does not let it go live.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import polars as pl
from django.core.exceptions import ObjectDoesNotExist
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from seawall.audit.models import Entry
from seawall.audit.services import record
from seawall.grounds.drafts import Draft, drafts, of_rule, path_of, read_draft
from seawall.grounds.rule_words import identity, in_words, missing, said
from seawall.grounds.services import GroundsError
from seawall.lake import Lake
from seawall.lake.files import locked
from seawall.ledger import home
from seawall.people.access import Refused, act, look, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.terms import RuleState
from seawall.signals.rules import NamedList, Rule, Rulebook, RuleError, read_book
from seawall.signals.rules.files import parse_rule
from seawall.signals.rules.publishing import Version, end_trial, publish_text, versions, write_whole
from seawall.signals.rules.shadow import Counted, counted
from seawall.signals.rules.signal import checked
from seawall.signals.rules.stops import Stop, Stops
from seawall.signals.rules.tried import Tried, try_rule

_ID = re.compile(r"[a-z][a-z0-9-]{0,60}")
_NEEDED = ("title", "conduct", "why", "languages", "where", "matches", "silent")
RESERVED = ("new", "lists", "try", "backtests")  # addresses of pages


class NoRule(ObjectDoesNotExist):
    """There is no such rule."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What a rule matched in the lake."""

    posts: int = 0  # noted as they came in
    week: int = 0  # of these, posted in the last seven days
    last: datetime | None = None
    accounts: int = 0  # with a finding of it above the line, at the last scan


@dataclass(frozen=True, slots=True)
class Shown:
    """A rule as the list has it: the version that runs, the one on trial and the one being written."""

    id: str
    rule: Rule | None  # that runs, or is stopped; None for one that never did
    trial: Rule | None
    draft: Draft | None
    stop: Stop | None
    matched: Matched

    @property
    def title(self) -> str:
        """The title of what runs, or of what may run next."""
        first = self.rule or self.trial or self.draft
        return (first.title if first else "") or self.id

    @property
    def conduct(self) -> str:
        """What it is about; '' where a draft does not say yet."""
        first = self.rule or self.trial or self.draft
        return str(first.conduct) if first else ""

    @property
    def state(self) -> RuleState:
        """What the rule is let do."""
        if self.rule:
            return self.rule.state
        return RuleState.SHADOW if self.trial else RuleState.DRAFT


@dataclass(frozen=True, slots=True)
class Kept:
    """A version there is: who wrote it, what it was let do, and where it stands now."""

    version: Version
    author: str
    state: str
    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    """All of a rule."""

    shown: Shown
    versions: list[Kept]
    stops: list[Stop]
    shadow: Counted | None  # whom the trial would have listed at the last scan
    history: list[Entry]
    uses: list[NamedList]


@dataclass(frozen=True, slots=True)
class Said:
    """What is wrong with a draft, by field, and what it does with its examples once it can be read."""

    wrong: Mapping[str, str]
    at: str  # the part of the predicate that is wrong, where that is told
    tried: Tried | None

    @property
    def may_go_live(self) -> bool:
        """Whether nothing is in its way but people."""
        return not self.wrong and self.tried is not None and self.tried.may_go_live


# --- reading ---------------------------------------------------------------------------------------------------------


@look
def rules(person: User) -> tuple[list[Shown], str]:
    """Every rule of the home, and why the files cannot be read ('' as long as they can). Raises Refused."""
    require(person, May.READ_RULES)
    try:
        return _shown(), ""
    except RuleError as error:
        return [], said(error)


@look
def rule(person: User, rule_id: str) -> Opened:
    """One rule with its versions and what was done with it. Raises Refused, NoRule, GroundsError."""
    require(person, May.READ_RULES, f"rule:{rule_id}")
    book = _book()
    shown = _of(book, rule_id)
    named = shown.rule or shown.trial
    return Opened(
        shown,
        [_kept(version) for version in versions(home(), rule_id)],
        [change for change in reversed(Stops(home()).changes()) if change.rule == rule_id],
        counted(home(), rule_id) if shown.trial else None,
        list(Entry.objects.filter(object=f"rule:{rule_id}").order_by("-seq")[:50]),
        [book.lists[name] for name in _names(named.where) if name in book.lists] if named else [],
    )


@look
def to_write(person: User, rule_id: str) -> Draft:
    """What to go on from: the draft, or else the newest version. Raises Refused, NoRule, GroundsError."""
    require(person, May.WRITE_RULES, f"rule:{rule_id}")
    shown = _of(_book(), rule_id)
    newest = shown.trial or shown.rule
    found = shown.draft or (of_rule(newest) if newest else None)
    if found is None:
        raise NoRule(rule_id)
    return found


@look
def try_draft(person: User, draft: Draft) -> Said:
    """What a draft would do, kept or not. Raises Refused, GroundsError."""
    require(person, May.WRITE_RULES)
    return said_of(draft, _book())


@look
def try_text(person: User, text: str) -> Tried:
    """What a rule file does with its examples and the control corpus. Raises Refused, GroundsError."""
    require(person, May.WRITE_RULES)
    book = _book()
    with in_words():
        return try_rule(parse_rule(text, book.lists), book.lists)


def said_of(draft: Draft, book: Rulebook) -> Said:
    """What is wrong with a draft; what can be tried of it is tried."""
    wrong = {name: missing(name) for name in _NEEDED if not getattr(draft, name)}
    if "where" in wrong:
        return Said(wrong, "", None)
    try:
        made = parse_rule(_filled(draft).text(1, RuleState.LIVE), book.lists)
    except RuleError as error:
        field = "words" if error.kind in ("entry", "no_entries") else "where" if error.kind else "other"
        return Said({**wrong, field: said(error)}, error.given.get("part", error.given.get("near", "")), None)
    asked = replace(made, matches=draft.matches, silent=draft.silent)
    tried = try_rule(asked, book.lists)
    if tried.naming:
        wrong["words"] = identity(tried.naming[0])
    return Said(wrong, "", tried)


def _filled(draft: Draft) -> Draft:
    """A draft with something in place of what does not decide which posts it matches."""
    return replace(
        draft,
        id=draft.id or "new",
        title=draft.title or "-",
        why=draft.why or "-",
        author=draft.author or "-",
        conduct=draft.conduct or "propaganda",
        languages=draft.languages or ("en",),
        matches=draft.matches or ("-",),
        silent=draft.silent or ("-",),
    )


def text_of(shown: Shown) -> str:
    """The newest text of a rule, which a back-test runs: the draft's, the trial's, or what runs."""
    if shown.draft:
        return _filled(shown.draft).text(next_version(shown.id), RuleState.DRAFT)
    newest = shown.trial or shown.rule
    if newest is None:
        raise NoRule(shown.id)
    return of_rule(newest).text(newest.version, newest.state)


def next_version(rule_id: str) -> int:
    """The number of the version that would be published next."""
    return max((version.number for version in versions(home(), rule_id)), default=0) + 1


def shown(rule_id: str) -> tuple[Shown, Rulebook]:
    """A rule and the book it is in, for rooms above. Raises NoRule, GroundsError."""
    book = _book()
    return _of(book, rule_id), book


# --- writing ---------------------------------------------------------------------------------------------------------


@act
def save(person: User, draft: Draft, was: str = "") -> Draft:
    """Keep a draft, finished or not. `was` is the mark of what it was begun from; '' for a new rule.

    Raises Refused; GroundsError if somebody else wrote it meanwhile.
    """
    require(person, May.WRITE_RULES, f"rule:{draft.id}")
    with _turn():
        rule_id = draft.id or _fresh_id(draft.title)
        if not _ID.fullmatch(rule_id):
            raise GroundsError(_("a rule's id is lower-case letters, digits and '-', a letter first"))
        held = read_draft(home(), rule_id)
        if held and was != held.mark:
            raise GroundsError(
                _("%(who)s has changed this draft since you opened it; open it anew, or you would undo that")
                % {"who": held.author}
            )
        kept = replace(draft, id=rule_id, author=person.pseudonym)
        if held and replace(kept, author=held.author) == held:
            return held
        content = kept.text(0, RuleState.DRAFT).encode()
        record(person.actor(), "rules.draft", f"rule:{rule_id}", "", sha256=sha256(content).hexdigest())
        write_whole(path_of(home(), rule_id), content)
    return kept


@act
def drop(person: User, rule_id: str) -> None:
    """Throw a draft away. Raises Refused, NoRule."""
    require(person, May.WRITE_RULES, f"rule:{rule_id}")
    with _turn():
        path = path_of(home(), rule_id)
        if not path.exists():
            raise NoRule(rule_id)
        record(person.actor(), "rules.drop", f"rule:{rule_id}", "", sha256=sha256(path.read_bytes()).hexdigest())
        path.unlink()


@act
def to_shadow(person: User, rule_id: str) -> Rule:
    """Let a draft run in shadow: it is counted and lists nobody. Raises Refused, NoRule, GroundsError."""
    require(person, May.WRITE_RULES, f"rule:{rule_id}")
    with _turn():
        draft = read_draft(home(), rule_id)
        if draft is None:
            raise NoRule(rule_id)
        wrong = said_of(draft, _book()).wrong
        if wrong:
            raise GroundsError(next(iter(wrong.values())))
        content = draft.text(next_version(rule_id), RuleState.SHADOW).encode()
        done = _published(content)
        record(person.actor(), "rules.shadow", f"rule:{rule_id}", "", **_marks(done, content))
        path_of(home(), rule_id).unlink()
    return done


@act
def go_live(person: User, rule_id: str, reason: str) -> Rule:
    """Let the shadow version list accounts: its examples hold, the control corpus is silent, another person wrote it.

    Raises Refused, NoRule, GroundsError.
    """
    about = f"rule:{rule_id}"
    require(person, May.PUBLISH_RULES, about)
    with _turn():
        trial = _of(_book(), rule_id).trial
        if trial is None:
            raise GroundsError(_("a rule runs in shadow first; only then it can go live"))
        if trial.author == person.pseudonym:
            raise Refused(gettext_lazy("two different people are needed: you wrote this version yourself"), about)
        _reasoned(reason)
        content = of_rule(trial).text(next_version(rule_id), RuleState.LIVE).encode()
        done = _published(content)
        record(person.actor(), "rules.publish", about, reason, state="live", **_marks(done, content))
    return done


@act
def end(person: User, rule_id: str, reason: str) -> None:
    """Let a shadow version run no more. Raises Refused, GroundsError."""
    require(person, May.WRITE_RULES, f"rule:{rule_id}")
    _reasoned(reason)
    with _turn():
        trial = _of(_book(), rule_id).trial
        if trial is None:
            raise GroundsError(_("no version of this rule runs in shadow"))
        record(person.actor(), "rules.end", f"rule:{rule_id}", reason, version=trial.version)
        end_trial(home(), rule_id)


@act
def stop(person: User, rule_id: str, reason: str) -> None:
    """Stop what runs of a rule: it lists nobody from now on. One person may, for it does nothing to anybody.

    Raises Refused, NoRule, GroundsError.
    """
    require(person, May.WRITE_RULES, f"rule:{rule_id}")
    _reasoned(reason)
    with _turn():
        found = _of(_book(), rule_id).rule
        if found is None or found.state is not RuleState.LIVE:
            raise GroundsError(_("this rule is not live"))
        record(person.actor(), "rules.stop", f"rule:{rule_id}", reason, version=found.version)
        Stops(home()).stop(found, reason, person.pseudonym)


@act
def start(person: User, rule_id: str, reason: str) -> None:
    """Let a stopped rule run again, if it may still go live. Raises Refused, NoRule, GroundsError."""
    require(person, May.PUBLISH_RULES, f"rule:{rule_id}")
    _reasoned(reason)
    with _turn():
        book = _book()
        shown_now = _of(book, rule_id)
        if shown_now.rule is None or shown_now.stop is None:
            raise GroundsError(_("this rule is not stopped"))
        with in_words():
            checked([replace(shown_now.rule, state=RuleState.LIVE)], book.lists)
        record(person.actor(), "rules.start", f"rule:{rule_id}", reason, version=shown_now.rule.version)
        Stops(home()).start(shown_now.rule, reason, person.pseudonym)


# --- parts -----------------------------------------------------------------------------------------------------------


def _turn() -> AbstractContextManager[object]:
    """One at a time writes files."""
    folder = home() / "rules"
    folder.mkdir(exist_ok=True)
    return locked(folder / "lock", shared=False)


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise GroundsError(_("say why: whoever asks later reads it"))


def _published(content: bytes) -> Rule:
    with in_words():
        return publish_text(home(), content).rule


def _marks(done: Rule, content: bytes) -> dict[str, object]:
    return {"version": done.version, "sha256": sha256(content).hexdigest()}


def _book() -> Rulebook:
    with in_words():
        return read_book(home())


def _fresh_id(title: str) -> str:
    """An id from a title; a title without Latin letters gives a number."""
    plain = slugify(title).replace("_", "-").lstrip("0123456789-")[:50].strip("-") or "rule"
    taken = {shown.id for shown in _shown()} | set(RESERVED)
    names = (plain, *(f"{plain}-{n}" for n in range(2, 10_000)))
    return next(name for name in names if name not in taken)


def _of(book: Rulebook, rule_id: str) -> Shown:
    found = next((shown for shown in _all(book) if shown.id == rule_id), None)
    if found is None:
        raise NoRule(rule_id)
    return found


def _shown() -> list[Shown]:
    return _all(read_book(home()))


def _all(book: Rulebook) -> list[Shown]:
    running = {rule.id: rule for rule in book.rules}
    trials = {rule.id: rule for rule in book.trials}
    written = {draft.id: draft for draft in drafts(home())}
    matched = _matched(home())
    return [
        Shown(
            name,
            found := running.get(name),
            trials.get(name),
            written.get(name),
            book.stops.get(name) if found and found.state is RuleState.STOPPED else None,
            matched.get(name, Matched()),
        )
        for name in sorted({*running, *trials, *written})
    ]


def _matched(place: Path) -> dict[str, Matched]:
    since = datetime.now(UTC) - timedelta(days=7)
    with Lake(place) as lake, lake.snapshot() as snapshot:
        noted = (
            snapshot.scan("matches")
            .group_by("rule")
            .agg(posts=pl.len(), week=(pl.col("at") >= since).sum(), last=pl.col("at").max())
            .collect()
        )
        found = (
            snapshot.scan("findings")
            .filter(pl.col("signal").str.starts_with("rules."))
            .group_by(rule=pl.col("signal").str.strip_prefix("rules."))
            .agg(accounts=pl.struct("platform", "account_id").n_unique())
            .collect()
        )
    listed = dict(found.iter_rows())
    counts = {name: Matched(posts, week, last, listed.pop(name, 0)) for name, posts, week, last in noted.iter_rows()}
    return counts | {name: Matched(accounts=accounts) for name, accounts in listed.items()}


def _kept(version: Version) -> Kept:
    text = version.path.read_text("utf-8-sig")
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        given = {}
    return Kept(version, str(given.get("author", "")), str(given.get("state", "live")), text)


def _names(where: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"hits\('([^']+)'\)", where)))
