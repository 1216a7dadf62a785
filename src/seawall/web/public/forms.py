"""Forms for everyone."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeForm(forms.Form):
    """The code of a statement of reasons."""

    code = forms.CharField(
        label=_("Code"),
        max_length=80,
        help_text=_("It stands in the statement of reasons and begins with SW."),
        widget=forms.TextInput(
            attrs={
                "class": "code-input",
                "placeholder": "SW-",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "dir": "ltr",
            }
        ),
    )


class AppealForm(forms.Form):
    """What the account holder says against a decision."""

    text = forms.CharField(
        label=_("Why is the decision wrong?"),
        max_length=10_000,
        help_text=_(
            "In any language. Say what the post was meant to do, and what the reviewers may not know: that it was "
            "news, research, art, satire, or against violence; that the words mean something else; that somebody else "
            "used your account."
        ),
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
    )
