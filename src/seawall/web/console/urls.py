"""Addresses of the console."""

from __future__ import annotations

from django.urls import path

from seawall.web.console import appeals, audit, case, propose, queue, review, statements, watchers, work

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("cases/new/", case.by_hand, name="case_by_hand"),
    path("cases/<int:case_id>/", case.case, name="case"),
    path("cases/<int:case_id>/surroundings/", case.surroundings, name="case_surroundings"),
    path("cases/<int:case_id>/profile/", case.profile, name="case_profile"),
    path("cases/<int:case_id>/texts/", case.texts, name="case_texts"),
    path("cases/<int:case_id>/latest/", case.latest, name="case_latest"),
    path("cases/<int:case_id>/conduct/", case.note_conduct, name="case_conduct"),
    path("cases/<int:case_id>/take/", case.take, name="case_take"),
    path("cases/<int:case_id>/put-back/", case.put_back, name="case_put_back"),
    path("cases/<int:case_id>/close/", case.close, name="case_close"),
    path("cases/<int:case_id>/propose/", propose.propose, name="propose"),
    path("decisions/<int:decision_id>/", review.review, name="review"),
    path("decisions/<int:decision_id>/withdraw/", review.withdraw, name="decision_withdraw"),
    path("decisions/<int:decision_id>/reverse/", case.reverse, name="decision_reverse"),
    path("decisions/<int:decision_id>/actions/<int:action_id>/again/", case.again, name="action_again"),
    path("second/", review.second_reviews, name="second_reviews"),
    path("statements/", statements.statements, name="statements"),
    path("statements/<int:statement_id>/", statements.statement, name="statement"),
    path("statements/<int:statement_id>/code/", statements.code, name="statement_code"),
    path("statements/<int:statement_id>/given/", statements.given, name="statement_given"),
    path("appeals/", appeals.appeals, name="appeals"),
    path("appeals/<int:appeal_id>/", appeals.appeal, name="appeal_page"),
    path("appeals/<int:appeal_id>/take/", appeals.take, name="appeal_take"),
    path("appeals/<int:appeal_id>/decide/", appeals.decide, name="appeal_decide"),
    path("appeals/<int:appeal_id>/void/", appeals.void, name="appeal_void"),
    path("audit/", audit.audit, name="audit"),
    path("audit/head.json", audit.head, name="audit_head"),
    path("jobs/", work.work, name="work"),
    path("watchers/", watchers.watchers, name="watchers"),
]
