"""The menu: which pages there are, and who may see which."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from seawall.people.models import User
from seawall.people.roles import May

# name of the address, its words, what one must be allowed, which count stands beside it, names of the pages below it
MENU = (
    ("queue", gettext_noop("Queue"), May.LIST_CASES, "queue", ("case", "case_by_hand", "case_return", "propose")),
    ("threats", gettext_noop("Threats"), May.READ_THREATS, "threats", ()),
    ("second_reviews", gettext_noop("Second reviews"), May.SECOND, "second", ("review",)),
    ("statements", gettext_noop("Statements"), May.READ_STATEMENTS, "", ("statement",)),
    ("appeals", gettext_noop("Appeals"), May.READ_APPEALS, "appeals", ("appeal_page",)),
    ("campaigns", gettext_noop("Surveys"), May.LIST_CASES, "", ("campaign", "floods", "flood", "network", "chain")),
    (
        "rules",
        gettext_noop("Rules"),
        May.READ_RULES,
        "rules",
        ("rule", "rule_new", "rule_edit", "rule_lists", "rule_list", "rule_list_new", "backtest"),
    ),
    ("banks", gettext_noop("Banks"), May.READ_RULES, "", ("bank_match",)),
    ("audit", gettext_noop("Audit log"), May.READ_AUDIT, "", ()),
    ("work", gettext_noop("Work"), May.SEE_WORK, "", ()),
    ("watchers", gettext_noop("Watchers"), May.SEE_WORK, "", ()),
    ("people", gettext_noop("People"), May.MANAGE_PEOPLE, "", ("person", "invite")),
)


def first_page(person: User) -> str:
    """The name of the first page of a person's menu; '' if the menu is empty."""
    return next((name for name, _label, wanted, *_rest in MENU if person.may(wanted)), "")
