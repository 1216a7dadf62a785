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
    RuleState,
    ThreatState,
    TieKind,
    Verb,
)

STATES: dict[str, Any] = {
    CaseState.CANDIDATE: gettext_lazy("candidate"),
    CaseState.OPEN: gettext_lazy("open"),
    CaseState.PROPOSED: gettext_lazy("proposed"),
    CaseState.SECOND_REVIEW: gettext_lazy("second review"),
    CaseState.APPROVED: gettext_lazy("approved"),
    CaseState.REJECTED: gettext_lazy("rejected"),
    CaseState.EXECUTED: gettext_lazy("executed"),
    CaseState.REVERSED: gettext_lazy("reversed"),
    CaseState.CLOSED: gettext_lazy("closed"),
    ActionState.QUEUED: gettext_lazy("queued"),
    ActionState.EXECUTING: gettext_lazy("executing"),
    ActionState.DONE: gettext_lazy("done"),
    ActionState.FAILED: gettext_lazy("failed"),
    AppealState.RECEIVED: gettext_lazy("received"),
    AppealState.ASSIGNED: gettext_lazy("assigned"),
    AppealState.DECIDED: gettext_lazy("decided"),
    AppealState.VOIDED: gettext_lazy("voided"),
}
JOB_STATES: dict[str, Any] = {
    "ready": gettext_lazy("ready"),
    "leased": gettext_lazy("being done"),
    "done": gettext_lazy("done"),
    "failed": gettext_lazy("failed"),
}
PART_STATES: dict[str, Any] = {
    "proposed": gettext_lazy("waits for a second person"),
    "live": gettext_lazy("holds"),
    "ended": gettext_lazy("ended"),
}
RULE_STATES: dict[str, Any] = {
    RuleState.DRAFT: gettext_lazy("draft"),
    RuleState.SHADOW: gettext_lazy("shadow"),
    RuleState.LIVE: gettext_lazy("live"),
    RuleState.STOPPED: gettext_lazy("stopped"),
}
RULE_STATE_MEANS: dict[str, Any] = {
    RuleState.DRAFT: gettext_lazy("Nothing runs yet."),
    RuleState.SHADOW: gettext_lazy("It runs and is counted; nobody is listed for it."),
    RuleState.LIVE: gettext_lazy("Accounts that it finds come up as cases; people decide."),
    RuleState.STOPPED: gettext_lazy("It lists nobody."),
}
COLUMNS: dict[str, Any] = {
    "kind": gettext_lazy("kind of post"),
    "lang": gettext_lazy("language, as the platform tags it"),
    "media": gettext_lazy("number of pictures, videos and files"),
    "n_links": gettext_lazy("number of links"),
    "n_hashtags": gettext_lazy("number of hashtags"),
    "n_mentions": gettext_lazy("number of accounts it mentions"),
    "reposts": gettext_lazy("times it was reposted"),
    "likes": gettext_lazy("times it was liked"),
    "replies": gettext_lazy("times it was answered"),
    "truncated": gettext_lazy("cut short by the platform"),
    "n_wallets": gettext_lazy("number of wallets for digital money"),
    "n_cards": gettext_lazy("number of bank card numbers"),
    "n_ibans": gettext_lazy("number of bank account numbers (IBAN)"),
}
HOW: dict[str, Any] = {
    "at_least": gettext_lazy("at least"),
    "at_most": gettext_lazy("at most"),
    "none": gettext_lazy("none"),
    "is": gettext_lazy("is"),
    "is_not": gettext_lazy("is not"),
}
LIST_KINDS: dict[str, Any] = {
    "phrases": gettext_lazy("phrases"),
    "domains": gettext_lazy("domains"),
    "hashes": gettext_lazy("hashes of pictures (SHA-256)"),
}
THREAT_STATES: dict[str, Any] = {
    ThreatState.WAITING: gettext_lazy("waits"),
    ThreatState.PASSED_ON: gettext_lazy("passed on"),
    ThreatState.DISMISSED: gettext_lazy("no threat"),
}
JOB_KINDS: dict[str, Any] = {
    "backtest": gettext_lazy("back-test a rule"),
    "enact": gettext_lazy("do it"),
    "undo": gettext_lazy("take it back"),
    "tell": gettext_lazy("tell the account holder"),
}
ANSWERS: dict[str, Any] = {
    Answer.YES: gettext_lazy("yes"),
    Answer.NO: gettext_lazy("no"),
    Answer.UNSURE: gettext_lazy("unsure"),
}
OUTCOMES: dict[str, Any] = {Outcome.UPHELD: gettext_lazy("upheld"), Outcome.REVERSED: gettext_lazy("reversed")}
CONDUCT: dict[str, Any] = {
    Conduct.PROPAGANDA: gettext_lazy("propaganda"),
    Conduct.INCITEMENT: gettext_lazy("incitement"),
    Conduct.RECRUITMENT: gettext_lazy("recruitment"),
    Conduct.FINANCING: gettext_lazy("financing"),
    Conduct.TRAVEL_FACILITATION: gettext_lazy("travel facilitation"),
    Conduct.INSTRUCTION: gettext_lazy("instruction"),
    Conduct.THREAT: gettext_lazy("threat"),
}
CONDUCT_MEANS: dict[str, Any] = {
    Conduct.PROPAGANDA: gettext_lazy("spreads material made by or for a terrorist organisation"),
    Conduct.INCITEMENT: gettext_lazy("calls for, praises or glorifies acts of terrorism"),
    Conduct.RECRUITMENT: gettext_lazy("asks people to join or support a terrorist organisation"),
    Conduct.FINANCING: gettext_lazy("raises or moves money for a terrorist organisation"),
    Conduct.TRAVEL_FACILITATION: gettext_lazy("helps people travel to join a terrorist organisation"),
    Conduct.INSTRUCTION: gettext_lazy("teaches how to commit acts of terrorism"),
    Conduct.THREAT: gettext_lazy("threatens acts of terrorism"),
}
POST_KINDS: dict[str, Any] = {
    PostKind.POST: gettext_lazy("post"),
    PostKind.REPOST: gettext_lazy("repost"),
    PostKind.QUOTE: gettext_lazy("quote"),
    PostKind.REPLY: gettext_lazy("reply"),
}
MEDIA_KINDS: dict[str, Any] = {
    MediaKind.PHOTO: gettext_lazy("photo"),
    MediaKind.VIDEO: gettext_lazy("video"),
    MediaKind.ANIMATION: gettext_lazy("animation"),
    MediaKind.AUDIO: gettext_lazy("sound"),
    MediaKind.FILE: gettext_lazy("file"),
}
TIES: dict[str, Any] = {
    TieKind.REPOST: gettext_lazy("reposts"),
    TieKind.QUOTE: gettext_lazy("quotes"),
    TieKind.REPLY: gettext_lazy("answers"),
    TieKind.MENTION: gettext_lazy("mentions"),
    TieKind.FOLLOW: gettext_lazy("follows"),
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
        gettext_lazy("Label one post"),
        gettext_lazy("Readers see a label on the post. It stays up."),
        gettext_lazy("Label this post"),
        gettext_lazy("Approve: label the post"),
    ),
    Verb.LIMIT: VerbWords(
        gettext_lazy("Make one post less visible"),
        gettext_lazy("The post is not recommended or shown in searches. It is not removed."),
        gettext_lazy("Make this post less visible"),
        gettext_lazy("Approve: make the post less visible"),
    ),
    Verb.REMOVE: VerbWords(
        gettext_lazy("Remove one post"),
        gettext_lazy("Nobody sees the post any more. A sealed copy is kept."),
        gettext_lazy("Remove this post"),
        gettext_lazy("Approve: remove the post"),
    ),
    Verb.SUSPEND: VerbWords(
        gettext_lazy("Suspend the account"),
        gettext_lazy("The account can post nothing any more; on most platforms nobody sees it."),
        gettext_lazy("Propose suspension"),
        gettext_lazy("Approve: suspend the account"),
    ),
    Verb.LOCK: VerbWords(
        gettext_lazy("Lock the account"),
        gettext_lazy("The holder cannot use the account until it is unlocked. What was posted stays up."),
        gettext_lazy("Propose a lock"),
        gettext_lazy("Approve: lock the account"),
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
        gettext_lazy("Journalism"),
        gettext_lazy("Is this reporting?"),
        gettext_lazy(
            "Someone who tells the public what a group did or said, and may quote or show its material to do so."
        ),
    ),
    Exemption.RESEARCH: Question(
        gettext_lazy("Research and education"),
        gettext_lazy("Is this study or teaching?"),
        gettext_lazy("Researchers, archives and teachers collect and show such material in order to understand it."),
    ),
    Exemption.ART: Question(
        gettext_lazy("Art and satire"),
        gettext_lazy("Is this art, fiction or satire?"),
        gettext_lazy("Think of mockery of the group itself: it often looks like the real thing."),
    ),
    Exemption.COUNTER_SPEECH: Question(
        gettext_lazy("Counter-speech"),
        gettext_lazy("Does it argue against the group, warn of it or mock it?"),
        gettext_lazy("Opponents repeat slogans and share posts to refute or report them."),
    ),
    Exemption.DOCUMENTATION: Question(
        gettext_lazy("Documentation of abuses"),
        gettext_lazy("Does it document what was done to people?"),
        gettext_lazy("Victims, witnesses and rights groups publish such material as evidence or to mourn."),
    ),
    Exemption.POLEMIC: Question(
        gettext_lazy("Polemic in public debate"),
        gettext_lazy("Is it a harsh view in a public debate, without support for violence?"),
        gettext_lazy("Radical, offensive or unpopular opinions about politics, war or religion are protected."),
    ),
    Exemption.OTHER_PURPOSE: Question(
        gettext_lazy("True purpose"),
        gettext_lazy("Read as a whole, could the account have another purpose than to help the group?"),
        gettext_lazy("For example curiosity, quarrel, grief, or an account that somebody else took over."),
    ),
    Exemption.OTHER_MEANING: Question(
        gettext_lazy("Language and place"),
        gettext_lazy("Could the words mean something else in this language, dialect or place?"),
        gettext_lazy(
            "Religious phrases, songs and slang are often misread from outside. If you do not read it well: unsure."
        ),
    ),
    Exemption.LITTLE_REACH: Question(
        gettext_lazy("Reach"),
        gettext_lazy("Does it reach so few people that acting would do more harm than good?"),
        gettext_lazy("Look at followers and reposts, and at who would be silenced."),
    ),
    Exemption.SOMETHING_LESS: Question(
        gettext_lazy("Something less"),
        gettext_lazy("Would a milder step be enough?"),
        gettext_lazy("A label, less visibility, or the removal of a single post instead of the account."),
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
    "scan.follow": gettext_lazy("brought to the cases what rules matched since the last scan"),
    "scan.sync": gettext_lazy("brought the cases up to date with the last scan"),
    "case.list": gettext_lazy("listed cases"),
    "case.read": gettext_lazy("opened the case"),
    "decision.read": gettext_lazy("opened the case"),
    "case.text": gettext_lazy("opened texts"),
    "case.open": gettext_lazy("opened a case by hand"),
    "case.back": gettext_lazy("brought the case back"),
    "case.take": gettext_lazy("took the case"),
    "case.put_back": gettext_lazy("put the case back"),
    "case.close": gettext_lazy("closed the case"),
    "case.conduct": gettext_lazy("noted conduct"),
    "threat.raise": gettext_lazy("put posts before the duty officer as a possible threat"),
    "threat.list": gettext_lazy("listed threats"),
    "threat.pass_on": gettext_lazy("wrote down that an authority was told of a threat"),
    "threat.dismiss": gettext_lazy("found no threat"),
    "decision.propose": gettext_lazy("proposed a decision"),
    "decision.approve": gettext_lazy("approved the decision"),
    "decision.reject": gettext_lazy("rejected the proposal"),
    "decision.withdraw": gettext_lazy("withdrew the proposal"),
    "decision.execute": gettext_lazy("carried the decision out"),
    "decision.reverse": gettext_lazy("asked to take the decision back"),
    "decision.reversed": gettext_lazy("took the decision back"),
    "evidence.seal": gettext_lazy("sealed evidence"),
    "evidence.open": gettext_lazy("opened sealed evidence"),
    "evidence.destroy": gettext_lazy("destroyed evidence at expiry"),
    "profile.keep": gettext_lazy("kept what would tell the account's return"),
    "profile.erase": gettext_lazy("erased what would tell the account's return"),
    "bank.propose": gettext_lazy("proposed hashes for a bank"),
    "bank.agree": gettext_lazy("agreed to hashes for a bank"),
    "bank.end": gettext_lazy("ended a part of a bank"),
    "bank.share": gettext_lazy("shared own hashes"),
    "media.read": gettext_lazy("read which known media an account posted"),
    "media.see": gettext_lazy("looked at a picture, not blurred"),
    "clause.set": gettext_lazy("set a clause of the terms"),
    "clause.end": gettext_lazy("ended a clause of the terms"),
    "list.import": gettext_lazy("imported a designation list"),
    "statement.give": gettext_lazy("gave the statement of reasons"),
    "statement.code": gettext_lazy("opened the code of a statement, to give it by hand"),
    "statement.read": gettext_lazy("opened a statement of reasons"),
    "tell": gettext_lazy("told the account holder"),
    "appeal.file": gettext_lazy("filed an appeal"),
    "appeal.read": gettext_lazy("opened the appeal"),
    "appeal.take": gettext_lazy("took the appeal"),
    "appeal.void": gettext_lazy("voided the appeal, which was not the holder's"),
    "appeal.decide": gettext_lazy("decided the appeal"),
    "action.begin": gettext_lazy("began to act on the platform"),
    "action.done": gettext_lazy("acted on the platform"),
    "action.fail": gettext_lazy("failed to act on the platform"),
    "action.again": gettext_lazy("asked to try again"),
    "action.undone": gettext_lazy("undid it on the platform"),
    "breaker.open": gettext_lazy("stopped sending to a platform that kept failing"),
    "audit.read": gettext_lazy("read the audit log"),
    "audit.head": gettext_lazy("saved the log's signed head"),
    "audit.export": gettext_lazy("exported the audit log"),
    "inbox.read": gettext_lazy("read the inbox of the simulated platform"),
    "findings.text": gettext_lazy("printed findings with texts"),
    "campaign.list": gettext_lazy("listed campaigns"),
    "campaign.read": gettext_lazy("opened a campaign"),
    "support.list": gettext_lazy("read how many people are courted"),
    "flood.list": gettext_lazy("listed floods"),
    "flood.read": gettext_lazy("opened a flood"),
    "network.read": gettext_lazy("opened the network map"),
    "network.plan": gettext_lazy("made a network plan"),
    "returns.read": gettext_lazy("read whose return an account may be"),
    "rules.text": gettext_lazy("opened texts of posts that a rule matches"),
    "rules.draft": gettext_lazy("wrote a draft of a rule"),
    "rules.drop": gettext_lazy("threw a draft of a rule away"),
    "rules.shadow": gettext_lazy("let a version of a rule run in shadow"),
    "rules.end": gettext_lazy("ended a version of a rule in shadow"),
    "rules.backtest": gettext_lazy("asked for a back-test"),
    "rules.list": gettext_lazy("wrote a list"),
    "rules.publish": gettext_lazy("put a version of a rule in force"),
    "rules.stop": gettext_lazy("stopped a rule"),
    "rules.start": gettext_lazy("let a stopped rule run again"),
    "evidence.list": gettext_lazy("listed sealed evidence"),
    "evidence.sweep": gettext_lazy("swept sealed files that nothing names"),
    "home.backup": gettext_lazy("made a backup"),
    "watch.connect": gettext_lazy("began to follow a server"),
    "watch.disconnect": gettext_lazy("stopped following a server"),
    "platform.connect": gettext_lazy("connected a platform"),
    "platform.disconnect": gettext_lazy("disconnected a platform"),
    "person.invite": gettext_lazy("invited somebody"),
    "person.uninvite": gettext_lazy("withdrew an invitation"),
    "person.join": gettext_lazy("joined the desk"),
    "person.roles": gettext_lazy("changed somebody's roles"),
    "person.close": gettext_lazy("closed somebody's account at the desk"),
    "person.reopen": gettext_lazy("reopened somebody's account at the desk"),
    "person.languages": gettext_lazy("set the languages they read"),
    "signin": gettext_lazy("signed in"),
    "signout": gettext_lazy("signed out"),
    "signin.failed": gettext_lazy("failed to sign in"),
    "password.change": gettext_lazy("changed their password"),
    "factor.add": gettext_lazy("added a second factor"),
    "factor.remove": gettext_lazy("removed a second factor"),
    "factor.failed": gettext_lazy("failed a second factor"),
    "token.make": gettext_lazy("made a key for programs"),
    "token.revoke": gettext_lazy("revoked a key for programs"),
    "refused": gettext_lazy("was refused"),
}
TOLD: dict[str, Any] = {
    "statement": gettext_lazy("the statement of reasons"),
    "appeal": gettext_lazy("the answer to the appeal"),
    "void": gettext_lazy("that an appeal was voided"),
    "reversal": gettext_lazy("that it was taken back"),
}
_SYSTEM: dict[str, Any] = {
    "system:worker": gettext_lazy("Seawall's worker"),
    "system:scanner": gettext_lazy("Seawall's scan"),
}


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


def why_second(decision: Decision) -> str:
    """Why a second person is needed, in the reader's language; "" if none is. It is kept in English."""
    return "; ".join(_(reason) for reason in decision.second_needed.split("; ") if reason)


def opened_of(opened: int | None, posts: int | None) -> str:
    """How many of the posts a decision rests on somebody had opened; "" where that was not counted yet."""
    if opened is None or posts is None:
        return ""
    return ngettext("opened %(opened)d of %(n)d post", "opened %(opened)d of %(n)d posts", posts) % {
        "opened": opened,
        "n": posts,
    }


def _read(detail: dict[str, Any]) -> list[str]:
    found = opened_of(detail.get("opened"), detail.get("rests_on"))
    return [found] if found else []


def _more(verb: str, detail: dict[str, Any]) -> str:
    if verb == "decision.propose":
        named = [str(VERBS[detail["verb"]].name), str(CONDUCT[detail["conduct"]]), detail["clause"]]
        return " · ".join([*named, *_read(detail)])
    if verb in ("case.text", "case.conduct"):
        return ngettext("%(n)d post", "%(n)d posts", detail["posts"]) % {"n": detail["posts"]}
    if verb == "appeal.decide":
        return str(OUTCOMES[detail["outcome"]])
    if verb == "tell":
        told = str(TOLD.get(detail["what"], detail["what"]))
        return told if detail["carried"] else _("%(what)s, which the platform cannot carry") % {"what": told}
    if verb == "evidence.seal":
        return ngettext("%(n)d item", "%(n)d items", detail["items"]) % {"n": detail["items"]}
    if verb.startswith("rules.") and "version" in detail:
        return _("version %(n)s") % {"n": detail["version"]}
    if verb == "scan.sync":
        return _("%(new)d new cases, %(gone)d findings gone") % {"new": detail["new"], "gone": detail["gone"]}
    return ""
