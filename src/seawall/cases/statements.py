"""The words of a statement of reasons, in the account holder's language where we have it."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from seawall.cases.codes import code_of
from seawall.cases.models import Decision
from seawall.records.terms import AppealState, Conduct, Outcome, Verb

DONE = {
    Verb.LABEL: gettext_noop("Your post was labelled."),
    Verb.LIMIT: gettext_noop("Your post was made less visible."),
    Verb.REMOVE: gettext_noop("Your post was removed."),
    Verb.SUSPEND: gettext_noop("Your account was suspended."),
    Verb.LOCK: gettext_noop("Your account was locked."),
}
CONDUCT = {
    Conduct.PROPAGANDA: gettext_noop("spreading propaganda of a terrorist or violent extremist organisation"),
    Conduct.INCITEMENT: gettext_noop("inciting or glorifying acts of terrorism"),
    Conduct.RECRUITMENT: gettext_noop("recruiting for a terrorist or violent extremist organisation"),
    Conduct.FINANCING: gettext_noop("raising money for a terrorist or violent extremist organisation"),
    Conduct.TRAVEL_FACILITATION: gettext_noop("helping people travel to join a terrorist organisation"),
    Conduct.INSTRUCTION: gettext_noop("giving instructions for acts of terrorism"),
    Conduct.THREAT: gettext_noop("threatening acts of terrorism"),
}


def languages() -> list[str]:
    """Codes of the languages that statements are written in."""
    return [code for code, _name in settings.LANGUAGES]


def language_of(tag: str) -> str:
    """The language a statement is written in for somebody who posts in this one; English where we have no words."""
    return words_in(tag) or "en"


def words_in(tag: str) -> str:
    """The code of this language, which may name a region or script too, if statements are written in it; else ""."""
    code = tag.lower().replace("_", "-").partition("-")[0]
    return code if code in languages() else ""


@dataclass(frozen=True, slots=True)
class Part:
    """One heading of a statement and what stands under it."""

    title: str
    text: str


def parts(decision: Decision) -> list[Part]:
    """The statement under its headings, in the language that is active (Regulation (EU) 2022/2065 Art. 17(3)).

    The code to appeal with is the account holder's alone and is not in it; `message` carries it.
    """
    case, clause = decision.case, decision.clause
    what = _(DONE[Verb(decision.verb)])
    about = _("Account: %(account)s on %(platform)s.") % {
        "account": case.handle or case.account_id,
        "platform": case.platform,
    }
    item = _("Post: %(post)s.") % {"post": decision.post_id} if decision.post_id else ""
    found = decision.case.findings.exclude(signal__startswith="person:").exists()
    return [
        Part(_("What was done"), " ".join(filter(None, [what, about, item]))),
        Part(_("Why"), decision.explanation),
        Part(
            _("On what ground"),
            _("Terms, clause %(code)s (%(title)s): %(conduct)s.")
            % {"code": clause.code, "title": clause.title, "conduct": _(CONDUCT[Conduct(decision.conduct)])},
        ),
        Part(
            _("How it came about"),
            " ".join(
                [
                    _("Software brought the posts to a person's notice.")
                    if found
                    else _("A person noticed the posts."),
                    _("People decided; no decision was made by software.")
                    if decision.second_by_id
                    else _("A person decided; no decision was made by software."),
                ]
            ),
        ),
        Part(_("What you can do"), redress()),
    ]


def redress() -> str:
    """How to appeal, in the language that is active."""
    return _(
        "If you think this is wrong, appeal within six months at %(address)s with the code of this statement. No "
        "account is needed and it costs nothing. Somebody who took no part in the decision will answer within 14 "
        "days. You may also turn to an out-of-court dispute settlement body or a court."
    ) % {"address": appeal_address()}


def appeal_address() -> str:
    """Where account holders appeal."""
    return str(settings.SEAWALL.web.address("/appeal/"))


def message(decision: Decision, what: str) -> str:
    """What the platform carries to the account holder: 'statement', 'appeal' (its answer), 'void' or 'reversal'.

    "" for the answer to an appeal that was voided meanwhile: there is nothing to tell.
    """
    with translation.override(decision.statement.language):
        if what == "statement":
            code = Part(_("The code of this statement"), code_of(decision.pk))
            return "\n\n".join(f"{part.title}\n{part.text}" for part in [*parts(decision), code])
        if what == "appeal":
            return _answer(decision)
        if what == "void":
            return _void(decision)
        return _("What was done to your account or post was taken back. You need not do anything.")


def _answer(decision: Decision) -> str:
    made = decision.appeals.filter(state=AppealState.DECIDED).first()
    if made is None:
        return ""
    said = (
        _("Your appeal was accepted. What was done will be taken back.")
        if made.outcome == Outcome.REVERSED
        else _("Your appeal was refused. The decision stands.")
    )
    return f"{said}\n\n{made.reasons}"


def _void(decision: Decision) -> str:
    made = decision.appeals.filter(state=AppealState.VOIDED).latest("voided_at")
    said = _(
        "An appeal against this decision was sent with the code of your statement, and we found that it was not yours: "
        "it does not count. You can still appeal, with the same code, at %(address)s. If it was yours, say so there."
    ) % {"address": appeal_address()}
    return f"{said}\n\n{made.void_reason}"
