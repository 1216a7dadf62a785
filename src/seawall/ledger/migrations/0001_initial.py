"""Tables."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=120, unique=True)),
                ("payload", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("ready", "Ready"), ("leased", "Leased"), ("done", "Done"), ("failed", "Failed")],
                        default="ready",
                        max_length=10,
                    ),
                ),
                ("due", models.DateTimeField()),
                ("leased_until", models.DateTimeField(null=True)),
                ("owner", models.CharField(blank=True, max_length=40)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("last_error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["state", "due"], name="ledger_job_state_37b68b_idx")],
            },
        ),
    ]
