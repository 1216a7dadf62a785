"""Forms of joining, of one's own page, and of people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from seawall.people.models import User
from seawall.people.roles import DeskRole
from seawall.people.services import TOKEN_DAYS
from seawall.web.signin.words import language_choices, role_choices


def _password_rules() -> str:
    return " ".join(str(text) for text in password_validators_help_texts())


class JoinForm(forms.Form):
    """Choose a name and a password."""

    username = forms.CharField(
        label=_("Name to sign in with"),
        max_length=60,
        help_text=_("Only admins see it. Everywhere else you are a pseudonym."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=lazy(_password_rules, str)(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("The same password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Both passwords are the same, and strong enough."""
        given = super().clean() or self.cleaned_data
        first, again = given.get("password1"), given.get("password2")
        if first and again and first != again:
            self.add_error("password2", _("The two passwords differ."))
        elif first:
            try:
                validate_password(first, User(username=given.get("username") or ""))
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return given


class RolesForm(forms.Form):
    """Which roles somebody has."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=role_choices, widget=forms.CheckboxSelectMultiple, help_text=_("What each is for.")
    )

    def chosen(self) -> list[DeskRole]:
        """The roles, once the form is valid."""
        return [DeskRole(role) for role in self.cleaned_data["roles"]]


class ReasonForm(forms.Form):
    """Why an account is closed or opened again."""

    reason = forms.CharField(label=_("Why"), max_length=500, help_text=_("It stands in the audit log."))


class LanguagesForm(forms.Form):
    """Languages a person reads well."""

    languages = forms.MultipleChoiceField(
        label=_("Languages you read well"),
        choices=language_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class TokenForm(forms.Form):
    """A new key for a program."""

    label = forms.CharField(label=_("What the key is for"), max_length=60)
    days = forms.IntegerField(
        label=_("Days it lasts"),
        min_value=1,
        max_value=TOKEN_DAYS,
        initial=30,
        help_text=_("90 at most."),
    )
