"""Statements whose language had no words were given in English: they say so."""

from django.db import migrations

WRITTEN = ("ar", "en", "ru")


def _say_what_was_given(apps, _editor):
    for statement in apps.get_model("cases", "Statement").objects.exclude(language__in=WRITTEN):
        code = statement.language.partition("-")[0]
        statement.language = code if code in WRITTEN else "en"
        statement.save(update_fields=["language"])


class Migration(migrations.Migration):
    """Languages."""

    dependencies = (("cases", "0004_voided_appeals"),)
    operations = (migrations.RunPython(_say_what_was_given, migrations.RunPython.noop),)
