"""Tables."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Tip",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField()),
                ("hash", models.CharField(max_length=64)),
                ("at", models.CharField(max_length=32)),
                ("signature", models.CharField(max_length=128)),
                ("key", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.CharField(max_length=32)),
                ("actor", models.CharField(max_length=80)),
                ("roles", models.CharField(blank=True, max_length=200)),
                ("verb", models.CharField(max_length=60)),
                ("object", models.CharField(blank=True, max_length=120)),
                ("reason", models.TextField(blank=True)),
                ("detail", models.TextField(default="{}")),
                ("prev", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["object", "seq"], name="audit_entry_object_3f860b_idx"),
                    models.Index(fields=["verb", "seq"], name="audit_entry_verb_71d020_idx"),
                ],
            },
        ),
    ]
