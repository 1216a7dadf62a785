"""Tables."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Capture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("about", models.CharField(db_index=True, max_length=120)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("by", models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=32, unique=True)),
                ("kind", models.CharField(max_length=10)),
                ("platform", models.CharField(max_length=41)),
                ("account_id", models.TextField()),
                ("post_id", models.TextField(blank=True)),
                ("content_hash", models.CharField(max_length=64)),
                ("sealed_hash", models.CharField(max_length=64)),
                ("size", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("sealed", "Sealed"), ("destroyed", "Destroyed")], default="sealed", max_length=10
                    ),
                ),
                (
                    "capture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="evidence.capture"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Custody",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("who", models.CharField(max_length=80)),
                ("what", models.CharField(max_length=12)),
                ("why", models.TextField(blank=True)),
                ("sealed_hash", models.CharField(max_length=64)),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="custody", to="evidence.item"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="KeepGround",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("why", models.CharField(max_length=120)),
                ("opened_at", models.DateTimeField(auto_now_add=True)),
                ("until", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "capture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="grounds", to="evidence.capture"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("capture", "why"), name="one_ground_of_a_kind")],
            },
        ),
    ]
