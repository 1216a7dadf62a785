"""The words of the console: what people read for each state, verb, question and entry of the log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from seawall.audit.models import Entry
from seawall.cases.models import Decision
from seawall.records.terms import (
    ActionState,
    Answer,
    AppealState,
    CaseState,
    Conduct,
    Exemption,
    MediaKind,
    Outcome,
    PostKind,
    TieKind,
    Verb,
)

_t = gettext_lazy

STATES: dict[str, Any] = {
    CaseState.CANDIDATE: _t("candidate"),
    CaseState.OPEN: _t("open"),
    CaseState.PROPOSED: _t("proposed"),
    CaseState.SECOND_REVIEW: _t("second review"),
    CaseState.APPROVED: _t("approved"),
    CaseState.REJECTED: _t("rejected"),
    CaseState.EXECUTED: _t("executed"),
    CaseState.REVERSED: _t("reversed"),
    CaseState.CLOSED: _t("closed"),
    ActionState.QUEUED: _t("queued"),
    ActionState.EXECUTING: _t("executing"),
    ActionState.DONE: _t("done"),
    ActionState.FAILED: _t("failed"),
    AppealState.RECEIVED: _t("received"),
    AppealState.ASSIGNED: _t("assigned"),
    AppealState.DECIDED: _t("decided"),
}
JOB_STATES: dict[str, Any] = {
    "ready": _t("ready"),
    "leased": _t("being done"),
    "done": _t("done"),
    "failed": _t("failed"),
}
JOB_KINDS: dict[str, Any] = {"enact": _t("do it"), "undo": _t("take it back"), "tell": _t("tell the account holder")}
ANSWERS: dict[str, Any] = {Answer.YES: _t("yes"), Answer.NO: _t("no"), Answer.UNSURE: _t("unsure")}
OUTCOMES: dict[str, Any] = {Outcome.UPHELD: _t("upheld"), Outcome.REVERSED: _t("reversed")}
CONDUCT: dict[str, Any] = {
    Conduct.PROPAGANDA: _t("propaganda"),
    Conduct.INCITEMENT: _t("incitement"),
    Conduct.RECRUITMENT: _t("recruitment"),
    Conduct.FINANCING: _t("financing"),
    Conduct.TRAVEL_FACILITATION: _t("travel facilitation"),
    Conduct.INSTRUCTION: _t("instruction"),
    Conduct.THREAT: _t("threat"),
}
CONDUCT_MEANS: dict[str, Any] = {
    Conduct.PROPAGANDA: _t("spreads material made by or for a terrorist organisation"),
    Conduct.INCITEMENT: _t("calls for, praises or glorifies acts of terrorism"),
    Conduct.RECRUITMENT: _t("asks people to join or support a terrorist organisation"),
    Conduct.FINANCING: _t("raises or moves money for a terrorist organisation"),
    Conduct.TRAVEL_FACILITATION: _t("helps people travel to join a terrorist organisation"),
    Conduct.INSTRUCTION: _t("teaches how to commit acts of terrorism"),
    Conduct.THREAT: _t("threatens acts of terrorism"),
}
POST_KINDS: dict[str, Any] = {
    PostKind.POST: _t("post"),
    PostKind.REPOST: _t("repost"),
    PostKind.QUOTE: _t("quote"),
    PostKind.REPLY: _t("reply"),
}
MEDIA_KINDS: dict[str, Any] = {
    MediaKind.PHOTO: _t("photo"),
    MediaKind.VIDEO: _t("video"),
    MediaKind.ANIMATION: _t("animation"),
    MediaKind.AUDIO: _t("sound"),
    MediaKind.FILE: _t("file"),
}
TIES: dict[str, Any] = {
    TieKind.REPOST: _t("reposts"),
    TieKind.QUOTE: _t("quotes"),
    TieKind.REPLY: _t("answers"),
    TieKind.MENTION: _t("mentions"),
    TieKind.FOLLOW: _t("follows"),
}


@dataclass(frozen=True, slots=True)
class VerbWords:
    """What people read about something that can be done."""

    name: Any  # the choice, and the heading of a decision
    effect: Any  # what happens
    propose: Any  # on the button that proposes it
    approve: Any  # on the button that agrees to it


VERBS: dict[str, VerbWords] = {
    Verb.LABEL: VerbWords(
        _t("Label one post"),
        _t("Readers see a label on the post. It stays up."),
        _t("Label this post"),
        _t("Approve: label the post"),
    ),
    Verb.LIMIT: VerbWords(
        _t("Make one post less visible"),
        _t("The post is not recommended or shown in searches. It is not removed."),
        _t("Make this post less visible"),
        _t("Approve: make the post less visible"),
    ),
    Verb.REMOVE: VerbWords(
        _t("Remove one post"),
        _t("Nobody sees the post any more. A sealed copy is kept."),
        _t("Remove this post"),
        _t("Approve: remove the post"),
    ),
    Verb.SUSPEND: VerbWords(
        _t("Suspend the account"),
        _t("The account can post nothing any more; on most platforms nobody sees it."),
        _t("Propose suspension"),
        _t("Approve: suspend the account"),
    ),
    Verb.LOCK: VerbWords(
        _t("Lock the account"),
        _t("The holder cannot use the account until it is unlocked. What was posted stays up."),
        _t("Propose a lock"),
        _t("Approve: lock the account"),
    ),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the checklist: its name, the question, and what helps to answer it."""

    name: Any
    asks: Any
    helps: Any


QUESTIONS: dict[Exemption, Question] = {
    Exemption.JOURNALISM: Question(
        _t("Journalism"),
        _t("Is this reporting?"),
        _t("Someone who tells the public what a group did or said, and may quote or show its material to do so."),
    ),
    Exemption.RESEARCH: Question(
        _t("Research and education"),
        _t("Is this study or teaching?"),
        _t("Researchers, archives and teachers collect and show such material in order to understand it."),
    ),
    Exemption.ART: Question(
        _t("Art and satire"),
        _t("Is this art, fiction or satire?"),
        _t("Think of mockery of the group itself: it often looks like the real thing."),
    ),
    Exemption.COUNTER_SPEECH: Question(
        _t("Counter-speech"),
        _t("Does it argue against the group, warn of it or mock it?"),
        _t("Opponents repeat slogans and share posts to refute or report them."),
    ),
    Exemption.DOCUMENTATION: Question(
        _t("Documentation of abuses"),
        _t("Does it document what was done to people?"),
        _t("Victims, witnesses and rights groups publish such material as evidence or to mourn."),
    ),
    Exemption.POLEMIC: Question(
        _t("Polemic in public debate"),
        _t("Is it a harsh view in a public debate, without support for violence?"),
        _t("Radical, offensive or unpopular opinions about politics, war or religion are protected."),
    ),
    Exemption.OTHER_PURPOSE: Question(
        _t("True purpose"),
        _t("Read as a whole, could the account have another purpose than to help the group?"),
        _t("For example curiosity, quarrel, grief, or an account that somebody else took over."),
    ),
    Exemption.OTHER_MEANING: Question(
        _t("Language and place"),
        _t("Could the words mean something else in this language, dialect or place?"),
        _t("Religious phrases, songs and slang are often misread from outside. If you do not read it well: unsure."),
    ),
    Exemption.LITTLE_REACH: Question(
        _t("Reach"),
        _t("Does it reach so few people that acting would do more harm than good?"),
        _t("Look at followers and reposts, and at who would be silenced."),
    ),
    Exemption.SOMETHING_LESS: Question(
        _t("Something less"),
        _t("Would a milder step be enough?"),
        _t("A label, less visibility, or the removal of a single post instead of the account."),
    ),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """An answered question of a decision's checklist."""

    question: Question
    answer: str
    answered: Any
    note: str


def checked(decision: Decision) -> list[Checked]:
    """The checklist of a decision, question by question; those that speak for leaving things alone first."""
    found = [
        Checked(QUESTIONS[Exemption(name)], given["answer"], ANSWERS[given["answer"]], given["note"])
        for name, given in decision.checklist.items()
    ]
    rank = {Answer.YES: 0, Answer.UNSURE: 1, Answer.NO: 2}
    return sorted(found, key=lambda item: rank[Answer(item.answer)])


# --- the log in words ------------------------------------------------------------------------------------------------

LOG: dict[str, Any] = {
    "scan.sync": _t("brought the cases up to date with the last scan"),
    "case.list": _t("listed cases"),
    "case.read": _t("opened the case"),
    "case.text": _t("opened texts"),
    "case.open": _t("opened a case by hand"),
    "case.back": _t("brought the case back"),
    "case.take": _t("took the case"),
    "case.put_back": _t("put the case back"),
    "case.close": _t("closed the case"),
    "case.conduct": _t("noted conduct"),
    "decision.propose": _t("proposed a decision"),
    "decision.approve": _t("approved the decision"),
    "decision.reject": _t("rejected the proposal"),
    "decision.withdraw": _t("withdrew the proposal"),
    "decision.execute": _t("carried the decision out"),
    "decision.reverse": _t("asked to take the decision back"),
    "decision.reversed": _t("took the decision back"),
    "evidence.seal": _t("sealed evidence"),
    "evidence.open": _t("opened sealed evidence"),
    "evidence.destroy": _t("destroyed evidence at expiry"),
    "statement.give": _t("gave the statement of reasons"),
    "statement.read": _t("opened a statement of reasons"),
    "tell": _t("told the account holder"),
    "appeal.file": _t("filed an appeal"),
    "appeal.read": _t("opened the appeal"),
    "appeal.take": _t("took the appeal"),
    "appeal.decide": _t("decided the appeal"),
    "action.begin": _t("began to act on the platform"),
    "action.done": _t("acted on the platform"),
    "action.fail": _t("failed to act on the platform"),
    "action.again": _t("asked to try again"),
    "action.undone": _t("undid it on the platform"),
    "breaker.open": _t("stopped sending to a platform that kept failing"),
    "audit.read": _t("read the audit log"),
    "audit.head": _t("saved the log's signed head"),
    "audit.export": _t("exported the audit log"),
    "findings.text": _t("printed findings with texts"),
    "evidence.list": _t("listed sealed evidence"),
    "evidence.sweep": _t("swept sealed files that nothing names"),
    "home.backup": _t("made a backup"),
    "platform.connect": _t("connected a platform"),
    "platform.disconnect": _t("disconnected a platform"),
    "person.invite": _t("invited somebody"),
    "person.uninvite": _t("withdrew an invitation"),
    "person.join": _t("joined the desk"),
    "person.roles": _t("changed somebody's roles"),
    "person.close": _t("closed somebody's account at the desk"),
    "person.reopen": _t("reopened somebody's account at the desk"),
    "person.languages": _t("set the languages they read"),
    "signin": _t("signed in"),
    "signout": _t("signed out"),
    "signin.failed": _t("failed to sign in"),
    "password.change": _t("changed their password"),
    "factor.add": _t("added a second factor"),
    "factor.remove": _t("removed a second factor"),
    "factor.failed": _t("failed a second factor"),
    "token.make": _t("made a key for programs"),
    "token.revoke": _t("revoked a key for programs"),
    "refused": _t("was refused"),
}
_SYSTEM: dict[str, Any] = {"system:worker": _t("Seawall's worker"), "system:scanner": _t("Seawall's scan")}


@dataclass(frozen=True, slots=True)
class Said:
    """An entry of the log in words."""

    entry: Entry
    who: Any
    what: Any
    more: str
    at: datetime


def said(entry: Entry) -> Said:
    """An entry in words; a verb this table does not know is shown as it is."""
    return Said(
        entry=entry,
        who=_SYSTEM.get(entry.actor, entry.actor),
        what=LOG.get(entry.verb, entry.verb),
        more=_more(entry.verb, json.loads(entry.detail)),
        at=datetime.fromisoformat(entry.at),
    )


def _more(verb: str, detail: dict[str, Any]) -> str:
    if verb == "decision.propose":
        named = [str(VERBS[detail["verb"]].name), str(CONDUCT[detail["conduct"]]), detail["clause"]]
        return " · ".join(named)
    if verb in ("case.text", "case.conduct"):
        return ngettext("%(n)d post", "%(n)d posts", detail["posts"]) % {"n": detail["posts"]}
    if verb == "appeal.decide":
        return str(OUTCOMES[detail["outcome"]])
    if verb == "evidence.seal":
        return ngettext("%(n)d item", "%(n)d items", detail["items"]) % {"n": detail["items"]}
    if verb == "scan.sync":
        return _("%(new)d new cases, %(gone)d findings gone") % {"new": detail["new"], "gone": detail["gone"]}
    return ""
