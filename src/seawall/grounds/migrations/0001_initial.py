"""Tables."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Clause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=20)),
                ("version", models.PositiveIntegerField(default=1)),
                ("title", models.CharField(max_length=120)),
                ("text", models.TextField()),
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
                ("since", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("code", "version"), name="one_text_a_version")],
            },
        ),
        migrations.CreateModel(
            name="Designation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("list", models.CharField(max_length=60)),
                ("entry_id", models.CharField(max_length=60)),
                ("list_version", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=200)),
                ("listed_on", models.DateField()),
                ("delisted_on", models.DateField(null=True)),
                ("source_hash", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("list", "entry_id"), name="one_entry_a_list")],
            },
        ),
    ]
