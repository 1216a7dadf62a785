"""Tables."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0001_initial"),
        ("evidence", "0001_initial"),
        ("grounds", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="appeal",
            name="officer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appeals",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="taken_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="cases",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="casefinding",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="findings", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="capture",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="evidence.capture"),
        ),
        migrations.AddField(
            model_name="decision",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="clause",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="grounds.clause"),
        ),
        migrations.AddField(
            model_name="decision",
            name="designation",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="grounds.designation"),
        ),
        migrations.AddField(
            model_name="decision",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="proposed", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="second_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="seconded",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="decision",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="appeals", to="cases.decision"
            ),
        ),
        migrations.AddConstraint(
            model_name="reach",
            constraint=models.UniqueConstraint(fields=("platform", "verb"), name="one_reach_a_verb"),
        ),
        migrations.AddField(
            model_name="statement",
            name="decision",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="statement", to="cases.decision"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["state", "-top_score", "id"], name="cases_case_state_34259d_idx"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["-top_score", "id"], name="cases_case_top_sco_bdca62_idx"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["platform", "state", "-top_score"], name="cases_case_platfor_42ca9d_idx"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(fields=("platform", "account_id"), name="one_case_an_account"),
        ),
        migrations.AddConstraint(
            model_name="casefinding",
            constraint=models.UniqueConstraint(fields=("case", "signal"), name="one_finding_a_signal"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["state", "proposed_at"], name="cases_decis_state_cd5341_idx"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["second_review", "approved"])),
                fields=("case",),
                name="one_live_proposal_a_case",
            ),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(fields=["state", "due_at"], name="cases_appea_state_a31993_idx"),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.UniqueConstraint(fields=("decision",), name="one_appeal_a_decision"),
        ),
    ]
