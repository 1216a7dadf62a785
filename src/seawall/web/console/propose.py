"""Proposing a decision: one form that asks everything a decision needs, with nothing preset."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from seawall.cases import queries, services
from seawall.cases.models import Decision
from seawall.cases.statements import language_of, languages, words_in
from seawall.cases.states import MOVES
from seawall.grounds.models import Clause, Designation
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.terms import Answer, CaseState, Conduct, Exemption, Verb
from seawall.web.console import words
from seawall.web.console.case import Pointed, pointed
from seawall.web.console.pages import UNFIT, page, person, why_not
from seawall.web.console.queue import FREE

_MISSING = gettext_lazy("This is needed.")


class ProposalForm(forms.Form):
    """What a person proposes. It says beside each field what is missing; the case's room decides what may be."""

    verb = forms.ChoiceField(error_messages={"required": gettext_lazy("Choose what is to be done.")})
    post_id = forms.ChoiceField(required=False)
    conduct = forms.ChoiceField(error_messages={"required": gettext_lazy("Say what the account did.")})
    clause = forms.ChoiceField(
        error_messages={"required": gettext_lazy("No ground, no action: choose the clause that it breaks.")}
    )
    designation = forms.ChoiceField(required=False)
    explanation = forms.CharField(
        error_messages={"required": gettext_lazy("Write what was posted and why it breaks the clause.")}
    )
    language = forms.ChoiceField(error_messages={"required": gettext_lazy("Choose the language of the statement.")})
    alternatives = forms.CharField(
        error_messages={"required": gettext_lazy("Say what less was thought of, and why it would not do.")}
    )

    def __init__(
        self,
        can: Iterable[str],
        posts: Iterable[Pointed],
        grounds: tuple[list[Clause], list[Designation]],
        *args: Any,
    ) -> None:
        super().__init__(*args)
        self.clauses = {str(clause.pk): clause for clause in grounds[0]}
        self._choose("verb", can)
        self._choose("post_id", (post.post_id for post in posts if post.conduct))
        self._choose("language", languages())
        self._choose("conduct", (conduct.value for conduct in Conduct))
        self._choose("clause", self.clauses)
        self._choose("designation", ["", *(str(entry.pk) for entry in grounds[1])])
        for question in Exemption:
            self.fields[f"q_{question}"] = forms.ChoiceField(
                choices=[(answer.value, words.ANSWERS[answer]) for answer in Answer],
                error_messages={
                    "required": gettext_lazy("Answer this question; if you cannot tell, the answer is unsure.")
                },
            )
            self.fields[f"note_{question}"] = forms.CharField(required=False)

    def _choose(self, name: str, values: Iterable[str]) -> None:
        field = self.fields[name]
        field.choices = [(value, value) for value in values]
        field.error_messages["invalid_choice"] = _("This cannot be chosen here.")

    def clean(self) -> dict[str, Any]:
        """What fits together: a post for what is done to a post, a clause about the conduct, notes where needed."""
        given: dict[str, Any] = super().clean() or {}
        verb = given.get("verb")
        if verb and Verb(verb).of_account:
            given["post_id"] = ""  # a choice that is left over from another verb
        elif verb and not given.get("post_id") and "post_id" not in self.errors:
            self.add_error("post_id", _("Choose the post this is done to."))
        clause = self.clauses.get(given.get("clause", ""))
        if clause and given.get("conduct") and clause.conduct != given["conduct"]:
            about = words.CONDUCT[clause.conduct]
            self.add_error("clause", _("This clause is about another conduct: %(about)s.") % {"about": about})
        for question in Exemption:
            if given.get(f"q_{question}") in (Answer.YES, Answer.UNSURE) and not given.get(f"note_{question}"):
                self.add_error(f"note_{question}", _("Say why, in a sentence: the second person reads it."))
        return given

    def draft(self) -> services.Draft:
        """The proposal, once the form is clean."""
        given = self.cleaned_data
        return services.Draft(
            verb=Verb(given["verb"]),
            conduct=Conduct(given["conduct"]),
            clause_id=int(given["clause"]),
            explanation=given["explanation"],
            alternatives=given["alternatives"],
            checklist={q: (Answer(given[f"q_{q}"]), given[f"note_{q}"]) for q in Exemption},
            post_id=given["post_id"],
            designation_id=int(given["designation"]) if given["designation"] else None,
            language=given["language"],
        )


@page
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, case_id: int) -> HttpResponse:
    """The form, and what becomes of it."""
    me = person(request)
    grounds = queries.grounds(me)
    view = queries.case(me, case_id, "to propose a decision")
    if CaseState.PROPOSED not in MOVES[CaseState(view.case.state)]:
        messages.error(request, _too_early(view.case.state))
        return redirect("case", case_id)
    posts = pointed(view.findings)
    form = ProposalForm(view.can, posts, grounds, request.POST if request.method == "POST" else None)
    why = ""
    if form.is_bound and form.is_valid():
        made: list[Decision] = []
        why = why_not(lambda: made.append(services.propose(me, case_id, form.draft())))
        if not why:
            messages.success(request, _said(made[0]))
            return redirect("case", case_id)
    shown = _shown(me, view, form, posts, grounds)
    return render(request, "console/propose.html", {**shown, "why": why}, status=UNFIT if form.is_bound else 200)


def _too_early(state: str) -> str:
    if state in FREE:
        return _("Take this case first; then you can propose a decision.")
    return _("A decision about this case is under way; another can be proposed when it has ended.")


def _said(decision: Decision) -> str:
    if decision.state == CaseState.SECOND_REVIEW:
        return _("Proposed. The evidence is sealed, and nothing is done before a second person agrees.")
    return _("Decided. The evidence is sealed, and the platform is told now.")


def _shown(
    me: User,
    view: queries.CaseView,
    form: ProposalForm,
    posts: list[Pointed],
    grounds: tuple[list[Clause], list[Designation]],
) -> dict[str, Any]:
    return {
        "view": view,
        "case": view.case,
        "form": form,
        "verbs": [(verb, words.VERBS[verb], view.can[verb], Verb(verb).of_account) for verb in _in_order(view.can)],
        "posts": [post for post in posts if post.conduct],
        "conducts": [(conduct, words.CONDUCT[conduct], words.CONDUCT_MEANS[conduct]) for conduct in Conduct],
        "clauses": [(words.CONDUCT[conduct], conduct, _about(grounds[0], conduct)) for conduct in Conduct],
        "designations": grounds[1],
        "languages": [(code, get_language_info(code)["name_local"]) for code in languages()],
        "language": form.data.get("language") or language_of(view.case.language),
        "words_in": words_in(view.case.language),
        "questions": [_asked(form, question) for question in Exemption],
        "answers": [(answer.value, words.ANSWERS[answer]) for answer in Answer],
        "may_read_text": me.may(May.READ_TEXT),
    }


def _in_order(can: Iterable[str]) -> list[str]:
    return [verb.value for verb in Verb if verb.value in can]


def _about(clauses: list[Clause], conduct: Conduct) -> list[tuple[str, Clause]]:
    return [(str(clause.pk), clause) for clause in clauses if clause.conduct == conduct]


def _asked(form: ProposalForm, question: Exemption) -> tuple[Exemption, words.Question, Any, Any]:
    return question, words.QUESTIONS[question], form[f"q_{question}"], form[f"note_{question}"]
