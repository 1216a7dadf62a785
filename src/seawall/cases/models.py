"""What people work on: cases, what was found, decisions, statements of reasons, appeals."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils import timezone

from seawall.evidence.models import Capture
from seawall.grounds.models import Clause, Designation
from seawall.people.models import User
from seawall.records.terms import AppealState, CaseState, Conduct, Outcome, ThreatState, Verb


def _choices(vocabulary: type[StrEnum]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in vocabulary]


class Case(models.Model):
    """What the desk knows and does about one account. There is at most one for an account."""

    platform = models.CharField(max_length=41)
    account_id = models.TextField()
    handle = models.TextField(blank=True)
    state = models.CharField(max_length=14, choices=_choices(CaseState), default=CaseState.CANDIDATE)
    top_score = models.FloatField(default=0.0)  # of its strongest finding now; sorts the queue and does nothing else
    signals = models.PositiveIntegerField(default=0)  # how many signals speak now
    language = models.CharField(max_length=12, blank=True)  # most frequent among what was seen
    taken_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="cases")
    opened_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        """One case an account; the queue reads by state and score."""

        constraints = (models.UniqueConstraint(fields=["platform", "account_id"], name="one_case_an_account"),)
        indexes = (
            models.Index(fields=["state", "-top_score", "id"]),
            models.Index(fields=["-top_score", "id"]),
            models.Index(fields=["platform", "state", "-top_score"]),
        )

    def __str__(self) -> str:
        return f"case:{self.pk}"


class CaseFinding(models.Model):
    """What a signal, or a person, found about the account; kept with the case, whatever later scans say."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="findings")
    signal = models.CharField(max_length=80)
    version = models.CharField(max_length=40)
    score = models.FloatField()
    because = models.TextField()
    seen = models.JSONField(default=list)  # [{"post_id": ..., "at": ...}]
    conduct = models.BooleanField()  # the account's own posts or reposts are the reason
    found_at = models.DateTimeField(auto_now_add=True)
    gone_at = models.DateTimeField(null=True)  # since when the scan does not say so any more

    class Meta:
        """A signal speaks once a case."""

        constraints = (models.UniqueConstraint(fields=["case", "signal"], name="one_finding_a_signal"),)

    def __str__(self) -> str:
        return f"{self.signal} on {self.case}"


class Decision(models.Model):
    """What people decided about an account or one item of it, and on what ground."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    verb = models.CharField(max_length=10, choices=_choices(Verb))
    post_id = models.TextField(blank=True)  # for label, limit, remove
    conduct = models.CharField(max_length=30, choices=_choices(Conduct))
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT)
    designation = models.ForeignKey(Designation, on_delete=models.PROTECT, null=True)
    explanation = models.TextField()  # what was done and why, in words the account holder gets
    alternatives = models.TextField()  # what less was thought of, and why it would not do
    checklist = models.JSONField()  # {question: {"answer": ..., "note": ...}}
    capture = models.ForeignKey(Capture, on_delete=models.PROTECT)
    state = models.CharField(max_length=14, choices=_choices(CaseState))
    second_needed = models.CharField(max_length=200, blank=True)  # why a second person is needed; "" if not
    reversible = models.BooleanField(default=True)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="proposed")
    proposed_at = models.DateTimeField(auto_now_add=True)
    rests_on = models.PositiveIntegerField(null=True)  # posts; null: decided before this was counted
    proposer_opened = models.PositiveIntegerField(null=True)  # how many of them, before proposing
    second_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="seconded")
    second_at = models.DateTimeField(null=True)
    second_reason = models.TextField(blank=True)
    second_opened = models.PositiveIntegerField(null=True)  # how many of the posts, before answering
    executed_at = models.DateTimeField(null=True)
    reversal_asked_at = models.DateTimeField(null=True)
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        """Inboxes read by state; a live proposal is the only one of its case."""

        indexes = (models.Index(fields=["state", "proposed_at"]),)
        constraints = (
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(state__in=["second_review", "approved"]),
                name="one_live_proposal_a_case",
            ),
        )

    def __str__(self) -> str:
        return f"decision:{self.pk}"


class Statement(models.Model):
    """The statement of reasons (Regulation (EU) 2022/2065 Art. 17): written before the act, given with it."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="statement")
    code_hash = models.CharField(max_length=64, unique=True)  # of the code the account holder appeals with
    language = models.CharField(max_length=12)
    drafted_at = models.DateTimeField(auto_now_add=True)
    given_at = models.DateTimeField(null=True)
    given_how = models.CharField(max_length=20, blank=True)  # platform, or by hand

    def __str__(self) -> str:
        return f"statement:{self.pk}"


class Appeal(models.Model):
    """What the account holder says against a decision, and what somebody who took no part made of it."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="appeals")
    text = models.TextField()
    language = models.CharField(max_length=12, blank=True)
    state = models.CharField(max_length=10, choices=_choices(AppealState), default=AppealState.RECEIVED)
    received_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    officer = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="appeals")
    outcome = models.CharField(max_length=10, choices=_choices(Outcome), blank=True)
    reasons = models.TextField(blank=True)  # in words the account holder gets
    decided_at = models.DateTimeField(null=True)
    voided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="voided")
    voided_at = models.DateTimeField(null=True)
    void_reason = models.TextField(blank=True)  # how it is known that it was not the account holder's

    class Meta:
        """A decision is appealed once; an appeal that was voided does not count."""

        constraints = (
            models.UniqueConstraint(
                fields=["decision"], condition=~models.Q(state=AppealState.VOIDED.value), name="one_appeal_a_decision"
            ),
        )
        indexes = (models.Index(fields=["state", "due_at"]),)

    def __str__(self) -> str:
        return f"appeal:{self.pk}"


class ThreatDraft(models.Model):
    """A draft of a threat report (Regulation (EU) 2022/2065 Art. 18): posts that may announce a danger to somebody's
    life or safety, until a person answers."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="threats")
    signal = models.CharField(max_length=80)
    because = models.TextField()
    posts = models.JSONField()  # [{"post_id": ..., "at": ...}]
    raised_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=_choices(ThreatState), default=ThreatState.WAITING)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    recipient = models.TextField(blank=True)  # the authority that was told
    reason = models.TextField(blank=True)

    class Meta:
        """At most one waits for a case; the page reads them by clock."""

        constraints = (
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state=ThreatState.WAITING.value), name="one_waiting_threat_a_case"
            ),
        )
        indexes = (models.Index(fields=["state", "due_at"]),)

    def __str__(self) -> str:
        return f"threat:{self.pk}"

    @property
    def late(self) -> bool:
        """Whether its clock ran out before anybody answered."""
        return (self.answered_at or timezone.now()) > self.due_at


class Reach(models.Model):
    """What can be done on a platform. Enforcement writes it; a platform without rows is simulated."""

    platform = models.CharField(max_length=41)
    verb = models.CharField(max_length=10, choices=_choices(Verb))
    reversible = models.BooleanField()
    simulated = models.BooleanField()

    class Meta:
        """A verb is once a platform."""

        constraints = (models.UniqueConstraint(fields=["platform", "verb"], name="one_reach_a_verb"),)

    def __str__(self) -> str:
        return f"{self.verb} on {self.platform}"


class Backtest(models.Model):
    """What a rule would have matched in the lake, asked for at the desk. It holds numbers and ids of posts, no text."""

    rule = models.CharField(max_length=61)
    version = models.PositiveIntegerField()  # of a draft: the number it would get
    text = models.TextField()  # the rule file that was run
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    done = models.PositiveBigIntegerField(default=0)  # posts so far
    total = models.PositiveBigIntegerField(default=0)
    result = models.JSONField(null=True)
    why = models.TextField(blank=True)  # why it cannot be done
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """They are looked up by rule."""

        indexes = (models.Index(fields=["rule", "-id"]),)

    def __str__(self) -> str:
        return f"backtest:{self.pk}"
