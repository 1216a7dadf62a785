"""The API's routes under /api/v1: each is one call of a service or query, which decide whether it is allowed.

Programs act as a person, with a key from that person's page, sent as `Authorization: Bearer KEY`. What a person may not
do, their key may not either. A decision of two people needs two people's keys.
"""

from __future__ import annotations

from typing import Any

import msgspec
from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from ninja import NinjaAPI, Router
from ninja.security import HttpBearer
from ninja.throttling import AnonRateThrottle

from seawall import __version__
from seawall.cases import queries, services, statements
from seawall.cases.models import Appeal, Decision
from seawall.cases.states import CaseError
from seawall.cases.watchers import watchers
from seawall.evidence.vault import VaultError
from seawall.grounds import rule_acts, rule_trying, rules
from seawall.grounds.models import Clause
from seawall.grounds.rule_shown import Shown
from seawall.grounds.services import GroundsError
from seawall.people.access import Refused
from seawall.people.models import User
from seawall.people.queries import person_of_token
from seawall.stream.status import Status
from seawall.web.api import schemas as s


class Key(HttpBearer):
    """A person's key for programs."""

    def authenticate(self, _request: HttpRequest, token: str) -> User | None:
        """The person whose key it is; None if it ended, was revoked, or never was one."""
        return person_of_token(token)


api = NinjaAPI(title="Seawall", version=__version__, urls_namespace="api", auth=Key(), docs_url=None)
cases, decisions, appeals, public = Router(), Router(), Router(), Router()
api.add_router("/cases", cases, tags=["cases"])
api.add_router("/decisions", decisions, tags=["decisions"])
api.add_router("/appeals", appeals, tags=["appeals"])
api.add_router("/public", public, tags=["public"], auth=None)
_ERRORS = {400: s.Problem, 403: s.Problem, 404: s.Problem}


def _person(request: HttpRequest) -> User:
    person: User = request.auth  # ninja puts it there
    return person


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return api.create_response(request, {"error": str(error)}, status=403)


@api.exception_handler(CaseError)
@api.exception_handler(GroundsError)
@api.exception_handler(VaultError)
def _wrong(request: HttpRequest, error: ValueError) -> HttpResponse:
    return api.create_response(request, {"error": str(error)}, status=400)


@api.exception_handler(DataError)
def _unstorable(request: HttpRequest, _error: DataError) -> HttpResponse:
    return api.create_response(request, {"error": "a text is too long, or holds what cannot be stored"}, status=400)


@api.exception_handler(ObjectDoesNotExist)
def _missing(request: HttpRequest, _error: ObjectDoesNotExist) -> HttpResponse:
    return api.create_response(request, {"error": "there is no such thing"}, status=404)


# --- cases -----------------------------------------------------------------------------------------------------------


@cases.get("", response={200: s.CasePage, **_ERRORS})
def list_cases(
    request: HttpRequest,
    state: str = "waiting",
    platform: str = "",
    signal: str = "",
    words: str = "",
    mine: bool = False,
    order: str = "score",
    after: str = "",
) -> Any:
    """Cases in order (score, newest, oldest), a page at a time. `state` 'waiting': what needs somebody."""
    if order not in ("score", "newest", "oldest"):
        raise CaseError("order is score, newest or oldest")
    wanted = queries.Filter(state, platform, signal, mine, words, order)
    return queries.queue(_person(request), wanted, after)


@cases.get("/{case_id}", response={200: s.CaseOut, **_ERRORS})
def read_case(request: HttpRequest, case_id: int, reason: str = "") -> Any:
    """One case. Reading it is logged."""
    view = queries.case(_person(request), case_id, reason)
    rest = {"findings": view.findings, "decisions": view.decisions, "conduct": view.conduct, "opened": view.opened}
    fields = {name: getattr(view.case, name) for name in s.CaseRow.model_fields}
    return {**fields, **rest, "can": view.can, "simulated": view.simulated}


@cases.post("/{case_id}/texts", response={200: list[s.PostOut], **_ERRORS})
def open_texts(request: HttpRequest, case_id: int, wanted: s.PostsIn) -> Any:
    """The text of the account's own posts. Opening it is logged."""
    return queries.texts(_person(request), case_id, wanted.post_ids, wanted.reason)


@cases.post("/{case_id}/take", response={200: s.CaseRow, **_ERRORS})
def take(request: HttpRequest, case_id: int) -> Any:
    """Begin to work on a case."""
    return services.take(_person(request), case_id)


@cases.post("/{case_id}/put-back", response={200: s.CaseRow, **_ERRORS})
def put_back(request: HttpRequest, case_id: int, why: s.Reason) -> Any:
    """Let others have the case."""
    return services.put_back(_person(request), case_id, why.reason)


@cases.post("/{case_id}/close", response={200: s.CaseRow, **_ERRORS})
def close(request: HttpRequest, case_id: int, why: s.Reason) -> Any:
    """End the work on a case, with a reason."""
    return services.close(_person(request), case_id, why.reason)


@cases.post("/{case_id}/conduct", response={200: s.FindingOut, **_ERRORS})
def note_conduct(request: HttpRequest, case_id: int, noted: s.ConductIn) -> Any:
    """Say which of the account's own posts are conduct, and why."""
    return services.note_conduct(_person(request), case_id, noted.post_ids, noted.because)


@cases.post("/{case_id}/decisions", response={200: s.DecisionOut, **_ERRORS})
def propose(request: HttpRequest, case_id: int, draft: s.DraftIn) -> Any:
    """Propose a decision on posts you have opened: seals the evidence and drafts the statement of reasons."""
    clause = Clause.objects.filter(code=draft.clause, ended_at=None).first()
    made = services.Draft(
        verb=draft.verb,
        conduct=draft.conduct,
        clause_id=clause.pk if clause else 0,
        explanation=draft.explanation,
        alternatives=draft.alternatives,
        checklist={question: (given.answer, given.note) for question, given in draft.checklist.items()},
        post_id=draft.post_id,
        designation_id=draft.designation,
        language=draft.language,
    )
    return services.propose(_person(request), case_id, made)


# --- decisions -------------------------------------------------------------------------------------------------------


@decisions.get("/waiting", response={200: list[s.DecisionOut], **_ERRORS})
def waiting(request: HttpRequest) -> Any:
    """What waits for a second person, oldest first."""
    return queries.second_reviews(_person(request))


@decisions.get("/{decision_id}", response={200: s.DecisionOut, **_ERRORS})
def read_decision(request: HttpRequest, decision_id: int) -> Any:
    """One decision."""
    return queries.decision(_person(request), decision_id)


@decisions.post("/{decision_id}/approve", response={200: s.DecisionOut, **_ERRORS})
def approve(request: HttpRequest, decision_id: int, why: s.Reason) -> Any:
    """Agree, as the second person, to what you have opened."""
    return services.approve(_person(request), decision_id, why.reason)


@decisions.post("/{decision_id}/reject", response={200: s.DecisionOut, **_ERRORS})
def reject(request: HttpRequest, decision_id: int, why: s.Reason) -> Any:
    """Disagree, as the second person."""
    return services.reject(_person(request), decision_id, why.reason)


@decisions.post("/{decision_id}/reverse", response={200: s.DecisionOut, **_ERRORS})
def reverse(request: HttpRequest, decision_id: int, why: s.Reason) -> Any:
    """Take an executed decision back."""
    return services.ask_reversal(_person(request), decision_id, why.reason)


@decisions.get("/{decision_id}/statement", response={200: s.StatementOut, **_ERRORS})
def statement(request: HttpRequest, decision_id: int) -> Any:
    """The statement of reasons; the code to appeal with is the account holder's alone and not in it."""
    found = queries.statement(_person(request), queries.decision(_person(request), decision_id).statement.pk)
    with translation.override(found.language):
        shown = [{"title": part.title, "text": part.text} for part in statements.parts(found.decision)]
    return {"language": found.language, "parts": shown, "given_at": found.given_at, "given_how": found.given_how}


# --- appeals ---------------------------------------------------------------------------------------------------------


@appeals.get("", response={200: list[s.AppealOut], **_ERRORS})
def list_appeals(request: HttpRequest, decided: bool = False) -> Any:
    """Appeals that wait, the most urgent first; or those decided or voided."""
    return queries.appeals(_person(request), decided=decided)


@appeals.post("/{appeal_id}/take", response={200: s.AppealOut, **_ERRORS})
def take_appeal(request: HttpRequest, appeal_id: int) -> Any:
    """Take an appeal, if you took no part in the decision."""
    return services.assign_appeal(_person(request), appeal_id)


@appeals.post("/{appeal_id}/decide", response={200: s.AppealOut, **_ERRORS})
def decide_appeal(request: HttpRequest, appeal_id: int, given: s.AnswerAppeal) -> Any:
    """Answer an appeal; 'reversed' takes back what was done."""
    return services.decide_appeal(_person(request), appeal_id, given.outcome, given.reasons)


@appeals.post("/{appeal_id}/void", response={200: s.AppealOut, **_ERRORS})
def void_appeal(request: HttpRequest, appeal_id: int, why: s.Reason) -> Any:
    """Say that an appeal was not the account holder's; they are told why and may appeal."""
    return services.void_appeal(_person(request), appeal_id, why.reason)


# --- for account holders, with the code of their statement -----------------------------------------------------------


@public.post("/appeals", response={200: s.AppealOut, **_ERRORS}, throttle=[AnonRateThrottle("10/m")])
def file_appeal(request: HttpRequest, given: s.AppealIn) -> Any:
    """Appeal with the code from the statement; no key is needed, and no person of the desk may. Ten tries a minute."""
    staff = Key()(request) or request.user
    if isinstance(staff, User):
        services.appeal_as_staff(staff)
    return services.appeal(_of_code(given.code), given.text, given.language)


@public.post("/appeals/state", response={200: s.AppealOut, **_ERRORS}, throttle=[AnonRateThrottle("10/m")])
def state_of_appeal(request: HttpRequest, given: s.AppealIn) -> Any:  # noqa: ARG001 - ninja gives it
    """How far the newest appeal is, and its answer."""
    return Appeal.objects.filter(decision=_of_code(given.code)).latest("pk")


def _of_code(code: str) -> Decision:
    found = queries.by_code(code)
    if found is None:
        raise CaseError("this code is not known")
    return found


# --- audit -----------------------------------------------------------------------------------------------------------


@api.get("/audit/head", response={200: s.HeadOut, **_ERRORS}, tags=["audit"])
def audit_head(request: HttpRequest) -> Any:
    """The newest signed head of the audit log."""
    return queries.signed_head(_person(request))


# --- rules -----------------------------------------------------------------------------------------------------------


@api.get("/rules", response={200: list[s.RuleOut], **_ERRORS}, tags=["rules"])
def list_rules(request: HttpRequest) -> Any:
    """Every rule, what it is let do, and what it matched."""
    found, trouble = rules.rules(_person(request))
    if trouble:
        raise GroundsError(trouble)
    return [_rule(shown) for shown in found]


@api.post("/rules/try", response={200: s.TriedOut, **_ERRORS}, tags=["rules"])
def try_rule(request: HttpRequest, given: s.RuleText) -> Any:
    """What a rule file does with its examples and the control corpus. Nothing is kept."""
    tried = rule_trying.try_text(_person(request), given.text)
    examples = [
        {"text": e.text, "expected": e.expected, "matched": e.matched, "hits": [hit.entry for hit in e.hits]}
        for e in tried.examples
    ]
    fires = {language: list(fired) for language, fired in tried.control.items() if fired}
    return {"may_go_live": tried.may_go_live, "examples": examples, "control": fires}


@api.get("/rules/{rule_id}", response={200: s.RuleOut, **_ERRORS}, tags=["rules"])
def read_rule(request: HttpRequest, rule_id: str) -> Any:
    """One rule."""
    return _rule(rules.rule(_person(request), rule_id).shown)


@api.post("/rules/{rule_id}/stop", response={200: s.RuleOut, **_ERRORS}, tags=["rules"])
def stop_rule(request: HttpRequest, rule_id: str, why: s.Reason) -> Any:
    """Stop a rule: from now on it lists nobody."""
    rule_acts.stop(_person(request), rule_id, why.reason)
    return _rule(rules.rule(_person(request), rule_id).shown)


@api.post("/rules/{rule_id}/start", response={200: s.RuleOut, **_ERRORS}, tags=["rules"])
def start_rule(request: HttpRequest, rule_id: str, why: s.Reason) -> Any:
    """Let a stopped rule run again, if it may still go live."""
    rule_acts.start(_person(request), rule_id, why.reason)
    return _rule(rules.rule(_person(request), rule_id).shown)


def _rule(shown: Shown) -> dict[str, Any]:
    named, stop = shown.rule or shown.trial or shown.draft, shown.stop
    return {
        "id": shown.id,
        "title": shown.title,
        "conduct": shown.conduct,
        "state": shown.state,
        "version": getattr(named, "version", None),
        "shadow_version": shown.trial.version if shown.trial else None,
        "author": named.author if named else "",
        "where": named.where if named else "",
        "stopped": {"why": stop.why, "by": stop.by, "at": stop.at} if stop else None,
        "posts_matched": shown.matched.posts,
        "accounts_found": shown.matched.accounts,
    }


# --- watchers --------------------------------------------------------------------------------------------------------


@api.get("/watchers", response={200: list[s.WatcherOut], **_ERRORS}, tags=["watchers"])
def list_watchers(request: HttpRequest) -> Any:
    """Which servers are followed live, and whether reading keeps up."""
    found = watchers(_person(request))
    if found.trouble:
        raise CaseError(found.trouble)
    return [_watcher(status) for status in found.statuses]


def _watcher(status: Status) -> dict[str, Any]:
    plain = msgspec.to_builtins(status)
    return {**plain, **plain["totals"], "unknown": list(status.unknown)}
