"""seawall init: an empty home."""

from __future__ import annotations

from seawall.cli.home import DEFAULT, Home
from seawall.cli.terminal import fail, out, said
from seawall.lake import Lake, LakeError


def init(home: Home = DEFAULT) -> None:
    """Make an empty home folder: the lake, rejects, rules and settings. What is there already stays."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o700)  # what is below it is people's posts: the owner's only
        (home / "rules").mkdir(exist_ok=True)
        (home / "lists").mkdir(exist_ok=True)
        Lake.create(home).close()
        from seawall.ledger.config import TEXT  # noqa: PLC0415 - Django takes a moment to import

        settings = home / "seawall.toml"
        if not settings.exists():
            settings.write_text(TEXT, "utf-8")
    except (OSError, LakeError) as error:
        fail(f"cannot make a home in {home}: {said(error)}")
    out.print(f"Home ready in {home}. Next: seawall load x EXPORT.jsonl.gz --home {home}", markup=False)
