"""What allauth asks about second factors: their secrets are kept encrypted, under a key outside the database."""

from __future__ import annotations

import base64
import secrets

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext as _

from seawall.ledger import home
from seawall.ledger.keys import secret
from seawall.people.models import User

_NONCE = 12


def _cipher() -> AESGCM:
    return AESGCM(secret(home(), "second-factors", lambda: AESGCM.generate_key(256)))


class SecondFactors(DefaultMFAAdapter):
    """Encrypts what a copied database would give away, and calls the desk by its name."""

    def encrypt(self, text: str) -> str:
        """The secret as the database keeps it."""
        nonce = secrets.token_bytes(_NONCE)
        return base64.b64encode(nonce + _cipher().encrypt(nonce, text.encode(), None)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret itself. Raises cryptography's InvalidTag if the key is another or the row was changed."""
        raw = base64.b64decode(encrypted_text)
        return _cipher().decrypt(raw[:_NONCE], raw[_NONCE:], None).decode()

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """What a new key is called unless its person says otherwise."""
        return _("Key %(number)s") % {"number": Authenticator.objects.filter(user=user, type=type).count() + 1}

    def _get_site_name(self) -> str:
        return "Seawall"
