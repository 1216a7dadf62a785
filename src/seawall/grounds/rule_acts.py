"""What people do with rules at the desk: draft, shadow, live, stop and start; each act logged.

Nothing is overwritten but a draft. Two people stand behind a live rule: whoever wrote a version does not let it go
live.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import replace
from hashlib import sha256

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from seawall.audit.services import record
from seawall.grounds.drafts import Draft, of_rule, path_of, read_draft
from seawall.grounds.naming import named_after
from seawall.grounds.rule_shown import NoRule, every, next_version, now, of
from seawall.grounds.rule_trying import said_of
from seawall.grounds.rule_words import in_words
from seawall.grounds.services import GroundsError
from seawall.lake.files import locked
from seawall.ledger import home
from seawall.people.access import Refused, act, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.terms import RuleState
from seawall.signals.rules import Rule
from seawall.signals.rules.publishing import end_trial, publish_text, write_whole
from seawall.signals.rules.signal import checked
from seawall.signals.rules.stops import Stops

_ID = re.compile(r"[a-z][a-z0-9-]{0,60}")
RESERVED = ("new", "lists", "try", "backtests")  # addresses of pages


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
        wrong = said_of(draft, now()).wrong
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
        trial = of(now(), rule_id).trial
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
        trial = of(now(), rule_id).trial
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
        found = of(now(), rule_id).rule
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
        book = now()
        shown_now = of(book, rule_id)
        if shown_now.rule is None or shown_now.stop is None:
            raise GroundsError(_("this rule is not stopped"))
        with in_words():
            checked([replace(shown_now.rule, state=RuleState.LIVE)], book.lists)
        record(person.actor(), "rules.start", f"rule:{rule_id}", reason, version=shown_now.rule.version)
        Stops(home()).start(shown_now.rule, reason, person.pseudonym)


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


def _fresh_id(title: str) -> str:
    return named_after(title, "-", "rule", {shown.id for shown in every(now())} | set(RESERVED))
