"""Tables."""

from django.db import migrations, models

import seawall.records.terms


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                ("language", models.CharField(blank=True, max_length=12)),
                (
                    "state",
                    models.CharField(
                        choices=[("received", "received"), ("assigned", "assigned"), ("decided", "decided")],
                        default=seawall.records.terms.AppealState["RECEIVED"],
                        max_length=10,
                    ),
                ),
                ("received_at", models.DateTimeField(auto_now_add=True)),
                ("due_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True, choices=[("upheld", "upheld"), ("reversed", "reversed")], max_length=10
                    ),
                ),
                ("reasons", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("platform", models.CharField(max_length=41)),
                ("account_id", models.TextField()),
                ("handle", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("candidate", "candidate"),
                            ("open", "open"),
                            ("proposed", "proposed"),
                            ("second_review", "second_review"),
                            ("approved", "approved"),
                            ("rejected", "rejected"),
                            ("executed", "executed"),
                            ("reversed", "reversed"),
                            ("closed", "closed"),
                        ],
                        default=seawall.records.terms.CaseState["CANDIDATE"],
                        max_length=14,
                    ),
                ),
                ("top_score", models.FloatField(default=0.0)),
                ("signals", models.PositiveIntegerField(default=0)),
                ("language", models.CharField(blank=True, max_length=12)),
                ("opened_at", models.DateTimeField(auto_now_add=True)),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name="CaseFinding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signal", models.CharField(max_length=80)),
                ("version", models.CharField(max_length=40)),
                ("score", models.FloatField()),
                ("because", models.TextField()),
                ("seen", models.JSONField(default=list)),
                ("conduct", models.BooleanField()),
                ("found_at", models.DateTimeField(auto_now_add=True)),
                ("gone_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                ("post_id", models.TextField(blank=True)),
                (
                    "conduct",
                    models.CharField(
                        choices=[
                            ("propaganda", "propaganda"),
                            ("incitement", "incitement"),
                            ("recruitment", "recruitment"),
                            ("financing", "financing"),
                            ("travel_facilitation", "travel_facilitation"),
                            ("instruction", "instruction"),
                            ("threat", "threat"),
                        ],
                        max_length=30,
                    ),
                ),
                ("explanation", models.TextField()),
                ("alternatives", models.TextField()),
                ("checklist", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("candidate", "candidate"),
                            ("open", "open"),
                            ("proposed", "proposed"),
                            ("second_review", "second_review"),
                            ("approved", "approved"),
                            ("rejected", "rejected"),
                            ("executed", "executed"),
                            ("reversed", "reversed"),
                            ("closed", "closed"),
                        ],
                        max_length=14,
                    ),
                ),
                ("second_needed", models.CharField(blank=True, max_length=200)),
                ("reversible", models.BooleanField(default=True)),
                ("proposed_at", models.DateTimeField(auto_now_add=True)),
                ("second_at", models.DateTimeField(null=True)),
                ("second_reason", models.TextField(blank=True)),
                ("executed_at", models.DateTimeField(null=True)),
                ("reversal_asked_at", models.DateTimeField(null=True)),
                ("reversed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Reach",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("platform", models.CharField(max_length=41)),
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
                ("reversible", models.BooleanField()),
                ("simulated", models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code_hash", models.CharField(max_length=64, unique=True)),
                ("language", models.CharField(max_length=12)),
                ("drafted_at", models.DateTimeField(auto_now_add=True)),
                ("given_at", models.DateTimeField(null=True)),
                ("given_how", models.CharField(blank=True, max_length=20)),
            ],
        ),
    ]
