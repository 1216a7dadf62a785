"""Entries can only be added, and the tip never removed: the database itself refuses."""

from django.db import migrations

from seawall.ledger.append_only import append_only, never_deleted


class Migration(migrations.Migration):
    """Triggers."""

    dependencies = (("audit", "0001_initial"),)
    operations = (append_only("audit_entry"), never_deleted("audit_tip"))
