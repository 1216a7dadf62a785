"""Tables."""

import django.db.models.deletion
from django.db import migrations, models

import seawall.records.terms


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Gate",
            fields=[
                ("platform", models.CharField(max_length=41, primary_key=True, serialize=False)),
                ("hour", models.DateTimeField(null=True)),
                ("used", models.PositiveIntegerField(default=0)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("closed_until", models.DateTimeField(null=True)),
                ("note", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="Action",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=80, unique=True)),
                (
                    "verb",
                    models.CharField(
                        choices=[
                            ("label", "label"),
                            ("limit", "limit"),
                            ("remove", "remove"),
                            ("suspend", "suspend"),
                            ("lock", "lock"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("executing", "executing"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("reversed", "reversed"),
                        ],
                        default=seawall.records.terms.ActionState["QUEUED"],
                        max_length=10,
                    ),
                ),
                ("counted_at", models.DateTimeField(null=True)),
                ("receipt", models.JSONField(null=True)),
                ("undo_receipt", models.JSONField(null=True)),
                ("error", models.TextField(blank=True)),
                ("simulated", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="actions", to="cases.decision"
                    ),
                ),
            ],
        ),
    ]
