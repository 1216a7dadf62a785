"""The clauses a fresh desk starts with."""

from typing import Any

from django.db import migrations

from seawall.grounds.clauses import SHIPPED


def _add(apps: Any, _editor: Any) -> None:
    clause = apps.get_model("grounds", "Clause")
    for code, (conduct, title, text) in SHIPPED.items():
        clause.objects.create(code=code, conduct=conduct.value, title=title, text=text)


class Migration(migrations.Migration):
    """Data."""

    dependencies = (("grounds", "0001_initial"),)
    operations = (migrations.RunPython(_add, migrations.RunPython.noop),)
