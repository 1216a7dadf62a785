"""Named lists: which there are, what counts them, and making one or changing one that nothing runs on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from seawall.grounds import rule_lists as service
from seawall.grounds.rule_lists import ALL, ListText, Part
from seawall.people.roles import May
from seawall.web.console import words
from seawall.web.console.pages import UNFIT, page, person, why_not
from seawall.web.console.rule_patterns import in_domains, in_entries
from seawall.web.signin.words import LANGUAGES


@page
@require_safe
def lists(request: HttpRequest) -> HttpResponse:
    """Every list."""
    me = person(request)
    rows = [
        (listed, words.LIST_KINDS[listed.item.kind], len({rule.id for rule in listed.rules}))
        for listed in service.lists(me)
    ]
    return render(request, "console/rule_lists.html", {"rows": rows, "may_write": me.may(May.WRITE_RULES)})


@page
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new list, empty or begun from another."""
    me = person(request)
    if request.method == "POST":
        return _posted(request, "")
    begun = ListText()
    if copied := request.GET.get("from", ""):
        _listed, text = service.one(me, copied)
        begun = replace(text, name=f"{copied}_2", title=_("%(title)s, changed") % {"title": text.title})
    return _form(request, begun, "")


@page
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, name: str) -> HttpResponse:
    """One list: its entries, and changing them if nothing runs on it."""
    me = person(request)
    if request.method == "POST":
        return _posted(request, name)
    listed, text = service.one(me, name)
    if listed.rules or not me.may(May.WRITE_RULES):
        shown = {
            "listed": listed,
            "running": {rule.id: rule for rule in listed.rules}.values(),
            "text": text,
            "kind": words.LIST_KINDS[text.kind],
            "parts": [(_language(part.language), part) for part in text.parts],
            "may_write": me.may(May.WRITE_RULES),
        }
        return render(request, "console/rule_list.html", shown)
    return _form(request, text, text.mark, name=name)


def _posted(request: HttpRequest, name: str) -> HttpResponse:
    post = request.POST
    text, mark = _read(post, name), post.get("mark", "")
    if post.get("act") == "more":
        return _form(request, text, mark, name=name, more=2)
    why = why_not(lambda: service.save(person(request), text, mark))
    if why:
        return _form(request, text, mark, name=name, why=why, status=UNFIT)
    messages.success(request, _("The list is saved. Rules can count it by its title."))
    return redirect("rule_list", text.name)


def _read(post: QueryDict, name: str) -> ListText:
    given = zip(post.getlist("language"), post.getlist("entries"), strict=False)
    known = [(language if language in LANGUAGES else ALL, text) for language, text in given]
    title, why = (" ".join(post.get(field, "").split())[:300] for field in ("title", "why"))
    name = name or post.get("name", "").strip() or service.fresh_name(title)
    return ListText(name, post.get("kind", ""), title, why, service.parts_of(known))


def _form(
    request: HttpRequest, text: ListText, mark: str, name: str = "", why: str = "", more: int = 1, status: int = 200
) -> HttpResponse:
    shown: dict[str, Any] = {
        "text": text,
        "mark": mark,
        "name": name,
        "why_not": why,
        "parts": [(part, _looks(text, part)) for part in [*text.parts, *[Part(ALL, ())] * more]],
        "kinds": words.LIST_KINDS.items(),
        "languages": [(ALL, _("no language, or all")), *((code, _(label)) for code, label in LANGUAGES.items())],
        "may_write": True,
    }
    return render(request, "console/rule_list_edit.html", shown, status=status)


def _looks(text: ListText, part: Part) -> list[str]:
    warn = {"phrases": in_entries, "domains": in_domains}.get(text.kind)
    return warn(part.entries) if warn else []


def _language(code: str) -> str:
    return _("no language, or all") if code == ALL else _(LANGUAGES.get(code, code))
