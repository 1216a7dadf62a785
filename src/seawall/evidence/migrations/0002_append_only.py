"""Steps of custody can only be added."""

from django.db import migrations

from seawall.ledger.append_only import append_only


class Migration(migrations.Migration):
    """Triggers."""

    dependencies = (("evidence", "0001_initial"),)
    operations = (append_only("evidence_custody"),)
