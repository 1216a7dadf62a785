"""Addresses of sign-in, one's own page, and people. Of allauth's pages only those that Seawall needs: nobody signs up,
and there is no mail."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from seawall.web.signin import people, views

urlpatterns = [
    path("start/", views.start, name="start"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("join/<str:token>/", views.join, name="join"),
    path("demo/<str:role>/<str:token>/", views.demo, name="demo"),
    path("me/", views.me, name="me"),
    path("me/languages/", views.my_languages, name="my_languages"),
    path("me/keys/", views.make_token, name="make_token"),
    path("me/keys/<int:token_id>/end/", views.revoke_token, name="revoke_token"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/invite/<int:invitation_id>/withdraw/", people.withdraw_invitation, name="withdraw_invitation"),
    path("people/<int:person_id>/", people.person, name="person"),
    path("people/<int:person_id>/close/", people.close_account, name="close_account"),
    path("people/<int:person_id>/reopen/", people.reopen_account, name="reopen_account"),
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/inactive/", login_not_required(account.account_inactive), name="account_inactive"),
    path("account/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", views.change_password, name="account_change_password"),
    path("account/2fa/", factors.index, name="mfa_index"),
    path("account/2fa/authenticate/", factors.authenticate, name="mfa_authenticate"),
    path("account/2fa/reauthenticate/", factors.reauthenticate, name="mfa_reauthenticate"),
    path("account/2fa/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/2fa/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/2fa/recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/2fa/recovery-codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/2fa/passkeys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("account/2fa/passkeys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("account/2fa/passkeys/reauthenticate/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/2fa/passkeys/login/", login_not_required(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("account/2fa/passkeys/<int:pk>/rename/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/2fa/passkeys/<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
]
