import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import seawall.records.terms


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_posts_opened"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="appeal",
            name="one_appeal_a_decision",
        ),
        migrations.AddField(
            model_name="appeal",
            name="void_reason",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="appeal",
            name="voided_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="appeal",
            name="voided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="voided",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="appeal",
            name="state",
            field=models.CharField(
                choices=[
                    ("received", "received"),
                    ("assigned", "assigned"),
                    ("decided", "decided"),
                    ("voided", "voided"),
                ],
                default=seawall.records.terms.AppealState["RECEIVED"],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "voided"), _negated=True),
                fields=("decision",),
                name="one_appeal_a_decision",
            ),
        ),
    ]
