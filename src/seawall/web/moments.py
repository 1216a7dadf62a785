"""Words of Django's for how long ago and how soon, to be translated anew: its Arabic says "2 minute", and this desk has
clocks. What our catalogue says goes before what Django's does.
"""

from __future__ import annotations

from django.utils.translation import ngettext_lazy

SAID = (
    ngettext_lazy("a second ago", "%(count)s seconds ago", "count"),
    ngettext_lazy("a minute ago", "%(count)s minutes ago", "count"),
    ngettext_lazy("an hour ago", "%(count)s hours ago", "count"),
    ngettext_lazy("a second from now", "%(count)s seconds from now", "count"),
    ngettext_lazy("a minute from now", "%(count)s minutes from now", "count"),
    ngettext_lazy("an hour from now", "%(count)s hours from now", "count"),
)
