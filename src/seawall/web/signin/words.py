"""What roles and languages are called on pages, in words that can be translated."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from seawall.people.roles import ALLOWED, DeskRole, May

ROLES = {
    DeskRole.FLAGGER: (gettext_noop("Flagger"), gettext_noop("reports accounts and posts")),
    DeskRole.FLAGGER_LEAD: (gettext_noop("Lead of flaggers"), gettext_noop("looks after flaggers and their reports")),
    DeskRole.ANALYST: (gettext_noop("Analyst"), gettext_noop("reads cases, notes conduct, opens and closes cases")),
    DeskRole.REVIEWER: (gettext_noop("Reviewer"), gettext_noop("works on cases and proposes decisions")),
    DeskRole.SECOND_REVIEWER: (
        gettext_noop("Second reviewer"),
        gettext_noop("agrees or disagrees with what others propose, and takes decisions back"),
    ),
    DeskRole.DUTY_OFFICER: (gettext_noop("Duty officer"), gettext_noop("handles what is urgent, at any hour")),
    DeskRole.LEGAL: (gettext_noop("Legal"), gettext_noop("keeps clauses and designations, takes decisions back")),
    DeskRole.DECONFLICTION_OFFICER: (
        gettext_noop("Deconfliction officer"),
        gettext_noop("keeps the desk out of the way of investigations"),
    ),
    DeskRole.EVIDENCE_CUSTODIAN: (gettext_noop("Evidence custodian"), gettext_noop("opens sealed evidence")),
    DeskRole.APPEALS_OFFICER: (
        gettext_noop("Appeals officer"),
        gettext_noop("decides appeals against decisions of others"),
    ),
    DeskRole.DPO: (gettext_noop("Data protection officer"), gettext_noop("reads the audit log")),
    DeskRole.OVERSEER: (gettext_noop("Overseer"), gettext_noop("reads everything but text and media, changes nothing")),
    DeskRole.AUDITOR: (gettext_noop("Auditor"), gettext_noop("reads the audit log")),
    DeskRole.PUBLISHER: (gettext_noop("Publisher"), gettext_noop("publishes transparency reports")),
    DeskRole.ADMIN: (gettext_noop("Admin"), gettext_noop("invites people and sets roles; decides nothing on accounts")),
    DeskRole.AUTHORITY: (gettext_noop("Authority"), gettext_noop("speaks for a competent body")),
}
LANGUAGES = {
    "ar": gettext_noop("Arabic"),
    "de": gettext_noop("German"),
    "en": gettext_noop("English"),
    "es": gettext_noop("Spanish"),
    "fa": gettext_noop("Persian"),
    "fr": gettext_noop("French"),
    "id": gettext_noop("Indonesian"),
    "kk": gettext_noop("Kazakh"),
    "ky": gettext_noop("Kyrgyz"),
    "ps": gettext_noop("Pashto"),
    "ru": gettext_noop("Russian"),
    "so": gettext_noop("Somali"),
    "tg": gettext_noop("Tajik"),
    "tr": gettext_noop("Turkish"),
    "ur": gettext_noop("Urdu"),
    "uz": gettext_noop("Uzbek"),
}
PERMISSIONS = {
    May.LIST_CASES: gettext_noop("list cases"),
    May.READ_CASE: gettext_noop("read a case"),
    May.READ_TEXT: gettext_noop("open text and media"),
    May.TAKE_CASE: gettext_noop("take, close or reopen a case"),
    May.PROPOSE: gettext_noop("propose a decision"),
    May.SECOND: gettext_noop("give a second review"),
    May.REVERSE: gettext_noop("reverse a decision"),
    May.READ_STATEMENTS: gettext_noop("read statements of reasons"),
    May.READ_APPEALS: gettext_noop("read appeals"),
    May.DECIDE_APPEAL: gettext_noop("decide an appeal"),
    May.OPEN_EVIDENCE: gettext_noop("open sealed evidence"),
    May.READ_AUDIT: gettext_noop("read the audit log"),
    May.MANAGE_PEOPLE: gettext_noop("invite people and set their roles"),
    May.MANAGE_GROUNDS: gettext_noop("change clauses and designations"),
    May.SEE_WORK: gettext_noop("see how far jobs and platforms are"),
    May.READ_RULES: gettext_noop("read rules"),
    May.WRITE_RULES: gettext_noop("write, try and stop rules"),
    May.PUBLISH_RULES: gettext_noop("let rules go live"),
    May.READ_THREATS: gettext_noop("read drafts of threat reports"),
    May.ANSWER_THREAT: gettext_noop("answer a draft of a threat report"),
}
IN_USE = [role for role in DeskRole if any(role in holders for holders in ALLOWED.values())]


def role_name(role: DeskRole | str) -> str:
    """A role as pages call it."""
    return _(ROLES[DeskRole(role)][0])


def role_choices() -> list[tuple[str, str]]:
    """Roles that may do something, with what each is for."""
    return [(role.value, f"{role_name(role)}: {_(ROLES[role][1])}") for role in IN_USE]


def language_names(codes: str) -> list[str]:
    """Names of languages from codes such as 'ar,ru'."""
    return [_(LANGUAGES.get(code, code)) for code in codes.split(",") if code]


def language_choices() -> list[tuple[str, str]]:
    """Languages a person can say they read."""
    return sorted(((code, _(name)) for code, name in LANGUAGES.items()), key=lambda pair: pair[1])


def sentence(text: object) -> str:
    """What a service says, as a sentence on a page."""
    said = str(text)
    return f"{said[:1].upper()}{said[1:]}."
