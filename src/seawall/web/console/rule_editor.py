"""Writing a rule: one form for people who never wrote SQL. Conditions that are chosen give the predicate's text, and
the text gives the conditions back where it can; whichever was changed last counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from seawall.cases import backtests, queries
from seawall.grounds import rule_acts, rule_lists, rule_trying
from seawall.grounds.drafts import Draft
from seawall.grounds.rule_example import without_people
from seawall.grounds.rule_lists import lines_of
from seawall.grounds.rule_trying import Said
from seawall.grounds.rule_words import said as in_words
from seawall.people.models import User
from seawall.records.terms import Conduct, PostKind
from seawall.signals.rules import RuleError
from seawall.signals.rules.conditions import HOW, Condition, composed, conditions_of
from seawall.signals.rules.files import QUOTA
from seawall.signals.rules.grammar import COLUMNS
from seawall.signals.rules.lists import OWN
from seawall.web.console import words
from seawall.web.console.pages import UNFIT, is_part, page, person, whole_number, why_not
from seawall.web.console.rule_patterns import in_entries, in_examples
from seawall.web.console.rule_said import does, lists_whom, titles_of
from seawall.web.console.rule_trial import say_it_runs
from seawall.web.signin.words import LANGUAGES

_NUMBERS = ("posts", "weight", "quota")
_NAMED: dict[str, Any] = {  # fields whose faults do not say which field it is
    "posts": gettext_lazy("Matching posts for a finding"),
    "weight": gettext_lazy("Score of a finding"),
    "quota": gettext_lazy("Quota: posts an hour"),
}
_BLANK = 2  # rows of conditions that wait to be filled in
_MOST = 40
_MOST_EXAMPLES = 400
BEGUN = (  # what most rules begin with: its words, said in the writer's own voice
    Condition(f"list:{OWN}", "at_least", "1"),
    Condition("list:distance", "none"),
    Condition("kind:repost", "is_not"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A condition in the form, and what is wrong with it."""

    condition: Condition
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What the form holds."""

    draft: Draft
    rows: list[Row]
    any_of: bool
    by_hand: bool  # the text says more than conditions can
    text_changed: bool
    wrong: dict[str, str]  # of fields that no draft can keep, such as a number that is none
    typed: dict[str, str]  # numbers, as they were typed


@page
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new rule."""
    me = person(request)
    if request.method == "POST":
        return _posted(request, me, "")
    rule_trying.try_draft(me, Draft())  # who may not write is told at once
    begun = Draft(where=composed(BEGUN, any_of=False), languages=())
    return _form(request, me, _from(begun), None)


@page
@require_POST
def from_post(request: HttpRequest, case_id: int) -> HttpResponse:
    """A new rule begun from a post of a case: its text and its language, and nothing of whose it is."""
    me = person(request)
    rule_trying.try_draft(me, Draft())  # who may not write is told before any text is opened
    found = queries.texts(me, case_id, [request.POST.get("example", "")], "to write a rule")
    if not found:
        messages.error(request, _("This post is not in the lake any more."))
        return redirect("case", case_id)
    known = queries.profile(me, case_id) or {}
    post = found[0]
    text = without_people(
        post["text"] or "", (post["handle"], post["account_id"], known.get("handle"), known.get("name"))
    )
    language = (post["lang"] or "").partition("-")[0].lower()
    begun = Draft(
        where=composed(BEGUN, any_of=False),
        languages=(language,) if language in LANGUAGES else (),
        matches=(text.strip(),) if text.strip() else (),
    )
    from_where = {"case": case_id, "repost": post["kind"] == PostKind.REPOST}
    return _form(request, me, _from(begun), None, begun_from=from_where)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, rule_id: str) -> HttpResponse:
    """A rule's draft, begun from its newest version."""
    me = person(request)
    if request.method == "POST":
        return _posted(request, me, rule_id)
    draft = rule_trying.to_write(me, rule_id)
    return _form(request, me, _from(draft), rule_trying.try_draft(me, draft), mark=draft.mark)


@page
@require_POST
def try_it(request: HttpRequest) -> HttpResponse:
    """What the form's rule would do now: the part of the page that shows it. Nothing is kept."""
    me = person(request)
    given = _read(request.POST, request.POST.get("rule_id", ""))
    said = rule_trying.try_draft(me, given.draft)
    shown = {**_shown(me, given, said), "oob": True, "all_errors": False}
    return render(request, "console/_rule_tried.html" if is_part(request) else "console/rule_edit.html", shown)


def _posted(request: HttpRequest, me: User, rule_id: str) -> HttpResponse:
    act, given = request.POST.get("act", "save"), _read(request.POST, rule_id)
    if act in ("check", "more", "examples"):
        rows = min(len(given.rows) + (4 if act == "more" else 0), _MOST)
        boxes, mark = 4 if act == "examples" else 1, request.POST.get("mark", "")
        said = rule_trying.try_draft(me, given.draft)
        return _form(request, me, given, said, mark=mark, rows=rows, boxes=boxes, all_errors=act == "check")
    if not rule_id and not given.draft.title:
        return _form(request, me, given, rule_trying.try_draft(me, given.draft), all_errors=True, status=UNFIT)
    kept: list[Draft] = []
    mark = request.POST.get("mark", "")
    why = "" if given.wrong else why_not(lambda: kept.append(rule_acts.save(me, given.draft, mark)))
    if not kept:
        said = rule_trying.try_draft(me, given.draft)
        return _form(request, me, given, said, mark=mark, why=why, all_errors=True, status=UNFIT)
    return _next(request, me, act, kept[0], given)


def _next(request: HttpRequest, me: User, act: str, draft: Draft, given: Given) -> HttpResponse:
    """After saving: on to the shadow or a back-test, or on with writing."""
    made: list[Any] = []
    further: dict[str, Callable[[], object]] = {
        "backtest": lambda: made.append(backtests.ask(me, draft.id)),
        "shadow": lambda: rule_acts.to_shadow(me, draft.id),
    }
    why = why_not(further[act]) if act in further else ""
    if why:
        said, written = rule_trying.try_draft(me, draft), replace(given, draft=draft)
        return _form(request, me, written, said, mark=draft.mark, why=why, all_errors=True, status=UNFIT)
    if act == "backtest":
        return redirect("backtest", made[0].pk)
    if act == "shadow":
        say_it_runs(request, me, draft.id)
        return redirect("rule", draft.id)
    messages.success(request, _("The draft is saved. Nothing runs yet."))
    return redirect("rule_edit", draft.id)


# --- the form --------------------------------------------------------------------------------------------------------


def _from(draft: Draft) -> Given:
    read = conditions_of(draft.where) if draft.where else ([], False)
    conditions, any_of = read or ([], False)
    return Given(draft, [Row(condition) for condition in conditions], any_of, read is None, False, {}, {})


def _read(post: QueryDict, rule_id: str) -> Given:
    """The form as it was sent. A text that was changed counts more than conditions."""
    any_of = post.get("any") == "1"
    typed, was = (" ".join(post.get(name, "").split()) for name in ("where", "was"))
    rows = _rows(post)
    where, by_hand = typed, False
    if typed != was or not rows:
        read = conditions_of(typed) if typed else ([], any_of)
        by_hand = read is None
        rows, any_of = ([Row(c) for c in read[0]], read[1]) if read else ([], any_of)
    elif not any(row.wrong for row in rows):
        where = composed([row.condition for row in rows], any_of=any_of)
    misfits = [_("Condition %(n)d: %(why)s") % {"n": n, "why": row.wrong} for n, row in enumerate(rows, 1) if row.wrong]
    wrong = {"conditions": " ".join(misfits)} if misfits else {}
    draft = Draft(
        id=rule_id,
        conduct=post.get("conduct", "") if post.get("conduct") in {c.value for c in Conduct} else "",
        title=post.get("title", "").strip()[:200],
        why=post.get("why", "").strip()[:2000],
        languages=tuple(code for code in post.getlist("languages") if code in LANGUAGES),
        where=where,
        posts=_number(post, "posts", 1, wrong),
        weight=_share(post, wrong),
        quota=_number(post, "quota", QUOTA, wrong),
        words=_texts(post, "words"),
        matches=_examples(post, "must_match"),
        silent=_examples(post, "must_not"),
    )
    numbers = {name: text for name in _NUMBERS if (text := post.get(name, "").strip())}
    return Given(draft, rows, any_of, by_hand, typed != was, wrong, numbers)


def _rows(post: QueryDict) -> list[Row]:
    named = zip(post.getlist("what"), post.getlist("how"), post.getlist("value"), strict=False)
    said = ((what, how, value.strip()) for what, how, value in named if how in HOW)
    return [_row(Condition(what, how, value)) for what, how, value in said if what or value][:_MOST]


def _row(condition: Condition) -> Row:
    if not condition.what:
        return Row(condition, _("Choose what this is about, or empty it."))
    try:
        condition.sql()
    except RuleError as error:
        return Row(condition, in_words(error))
    return Row(condition)


def _texts(post: QueryDict, name: str) -> tuple[str, ...]:
    return tuple(line[:2000] for line in lines_of(post.get(name, "")))


def _examples(post: QueryDict, name: str) -> tuple[str, ...]:
    """Whole posts, one a field, with their line breaks; each once."""
    texts = ("\n".join(text.splitlines()).strip()[:2000] for text in post.getlist(name)[:_MOST_EXAMPLES])
    return tuple(dict.fromkeys(text for text in texts if text))


def _number(post: QueryDict, name: str, otherwise: int, wrong: dict[str, str]) -> int:
    text = post.get(name, "").strip()
    number = whole_number(text) if text else otherwise
    if number and number < 10**9:
        return number
    wrong[name] = _("This is a whole number from 1.")
    return otherwise


def _share(post: QueryDict, wrong: dict[str, str]) -> float:
    try:
        share = float(post.get("weight", "0.7").strip().replace(",", "."))
    except ValueError:
        share = 0.0
    if 0 < share < 1:
        return share
    wrong["weight"] = _("This is a number between 0 and 1, such as 0.7.")
    return 0.7


def _form(
    request: HttpRequest,
    me: User,
    given: Given,
    said: Said | None,
    *,
    mark: str = "",
    why: str = "",
    rows: int = 0,
    boxes: int = 1,
    begun_from: Mapping[str, Any] | None = None,  # of a post of a case: shown once, kept nowhere
    all_errors: bool = False,
    status: int = 200,
) -> HttpResponse:
    shown = {**_shown(me, given, said, rows, boxes), "mark": mark, "why_not": why, "all_errors": all_errors}
    shown["begun_from"] = begun_from
    shown["shown_wrong"] = shown["wrong"] if all_errors else {}
    return render(request, "console/rule_edit.html", shown, status=status)


def _shown(me: User, given: Given, said: Said | None, rows: int = 0, boxes: int = 1) -> dict[str, Any]:
    listed = rule_lists.lists(me)
    titles = titles_of((item.item for item in listed), given.draft.id or "new")
    blank = Condition("", "at_least")
    wrong = {**(said.wrong if said else {}), **given.wrong}
    shown_rows = [*given.rows, *[Row(blank)] * max(_BLANK, rows - len(given.rows))]
    return {
        "given": given,
        "draft": given.draft,
        "numbers": {name: str(getattr(given.draft, name)) for name in _NUMBERS} | given.typed,
        "rows": shown_rows,
        "whats": _whats(listed),
        "distance": next((item.item.title for item in listed if item.item.name == "distance"), ""),
        "hows": words.HOW.items(),
        "columns": [(name, column.type, words.COLUMNS[name]) for name, column in COLUMNS.items()],
        "conducts": [(c.value, words.CONDUCT[c], words.CONDUCT_MEANS[c]) for c in Conduct],
        "languages": [(code, _(name), code in given.draft.languages) for code, name in LANGUAGES.items()],
        "boxes": {name: [*getattr(given.draft, name), *[""] * boxes] for name in ("matches", "silent")},
        "said": said,
        "marked": _marked(given.draft.where, said.at if said else ""),
        "wrong": wrong,
        "todo": [f"{_NAMED[name]}: {text}" if name in _NAMED else text for name, text in wrong.items()],
        "looks": {
            "words": in_entries(given.draft.words),
            "matches": in_examples(given.draft.matches),
            "silent": in_examples(given.draft.silent),
        },
        "lists_whom": "" if {"posts", "weight"} & {*wrong} else lists_whom(given.draft.posts, given.draft.weight),
        "ready": bool(said and said.may_go_live and not wrong),
        "does": does(said.tried, titles) if said and said.tried else None,
    }


def _marked(where: str, at: str) -> tuple[str, str, str]:
    """A predicate around the part that is wrong; the part is named as it was read, so letters may differ in case."""
    place = where.casefold().find(at.casefold()) if at else -1
    return (where[:place], where[place : place + len(at)], where[place + len(at) :]) if place >= 0 else (where, "", "")


def _whats(listed: list[rule_lists.Listed]) -> list[tuple[Any, bool, list[tuple[str, Any]]]]:
    """What a condition may be about, in groups; in a bare one it is so or is not so, and has no value."""
    lists = [(f"list:{item.item.name}", item.item.title) for item in listed]
    flags = {name for name, column in COLUMNS.items() if column.type == "flag"}
    numbers = [(name, words.COLUMNS[name]) for name in COLUMNS if name != "kind" and name not in flags]
    return [
        (_("Words"), False, [(f"list:{OWN}", _("words of this rule"))]),
        (_("Entries of a list"), False, sorted(lists, key=lambda pair: pair[1].casefold())),
        (_("Kind of post"), True, [(f"kind:{kind.value}", words.POST_KINDS[kind]) for kind in PostKind]),
        (_("Form and numbers"), False, numbers),
        (_("Form: so or not so"), True, [(name, words.COLUMNS[name]) for name in COLUMNS if name in flags]),
    ]
