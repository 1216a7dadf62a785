"""What happens at the door goes into the audit log: Django and allauth tell, this writes."""

from __future__ import annotations

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.signals import password_changed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from seawall.people.models import User
from seawall.people.services import note_failed, note_sign_in

SIGNED_IN_AT = "signed_in_at"


@receiver(user_logged_in, dispatch_uid="desk.signin")
def _signed_in(request: HttpRequest, user: User, **_: object) -> None:
    request.session[SIGNED_IN_AT] = time.time()
    steps = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    note_sign_in(user, "signin", how=[step.get("type") or step.get("method") for step in steps[-2:]])


@receiver(user_logged_out, dispatch_uid="desk.signout")
def _signed_out(user: User | None, **_: object) -> None:
    if user is not None:
        note_sign_in(user, "signout")


@receiver(user_login_failed, dispatch_uid="desk.signin.failed")
def _failed(credentials: dict[str, str], **_: object) -> None:
    note_failed(credentials.get("username") or "")


@receiver(authentication_failed, dispatch_uid="desk.factor.failed")
def _factor_failed(user: User, authenticator: Authenticator, **_: object) -> None:
    note_sign_in(user, "factor.failed", kind=authenticator.type)


@receiver(post_save, sender=Authenticator, dispatch_uid="desk.factor.add")
def _factor_added(instance: Authenticator, created: bool, **_: object) -> None:
    if created:  # it is saved again whenever it is used
        note_sign_in(instance.user, "factor.add", kind=instance.type)


@receiver(post_delete, sender=Authenticator, dispatch_uid="desk.factor.remove")
def _factor_removed(instance: Authenticator, **_: object) -> None:
    note_sign_in(instance.user, "factor.remove", kind=instance.type)


@receiver(password_changed, dispatch_uid="desk.password")
def _password_changed(user: User, **_: object) -> None:
    note_sign_in(user, "password.change")
