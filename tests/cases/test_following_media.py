"""Following media between two scans: who posts what stands in a bank gets a case at once, and a scan says the same."""

from __future__ import annotations

import json
import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from desk import Desk
from media.scenes import as_file, picture, scene
from seawall.cases import scanning
from seawall.cases.models import Case
from seawall.cases.scanning import Following, scan_home
from seawall.grounds import banks
from seawall.lake import Lake
from seawall.media.clips import Clips
from seawall.media.opened import luminance
from seawall.media.pdq import hash_of, waves
from seawall.people.roles import DeskRole
from seawall.records.terms import Conduct
from seawall.sources.loading import load
from seawall.sources.telegram import TelegramExport
from seawall.stream.arriving import Arriving
from sources.telegram_chats import chat, message
from stream.flows import home_with_rule

pytestmark = pytest.mark.usefixtures("scanned_home")  # whoever makes it has compiled what a scan needs


@pytest.fixture
def home(tmp_path: Path, settings: Any, db: None, django_capture_on_commit_callbacks: Any) -> Path:
    """A home whose bank knows one picture."""
    made = home_with_rule(tmp_path / "home")
    settings.SEAWALL_HOME = made
    its = Desk(made, made)
    one, other = (its.person(DeskRole.LEGAL) for _ in range(2))
    known = hash_of(waves(luminance(as_file(picture(scene(1))))).waves).tobytes().hex()
    given = ("partners", Conduct.PROPAGANDA, "Partner A", "agreement", date(2999, 1, 1), "list.csv")
    part, _ = banks.bring(one, *given, f"hash,kind,reference\n{known},pdq,poster\n".encode())
    with django_capture_on_commit_callbacks(execute=True):
        banks.agree(other, part.pk, "checked")
    return made


def posted(home: Path, first: int, *scenes: int) -> None:
    """Posts of accounts user1, user2, ... each with the picture of its scene; hashed as they come."""
    export = home.parent / "export"
    (export / "photos").mkdir(parents=True, exist_ok=True)
    messages = []
    for n, number in enumerate(scenes, first):
        (export / "photos" / f"s{number}.jpg").write_bytes(as_file(picture(scene(number)), quality=40 + first))
        messages.append(message(n, n % 10, "look", photo=f"photos/s{number}.jpg"))
    (export / "result.json").write_text(json.dumps(chat(messages)), "utf-8")
    with Lake(home) as lake:
        load(lake, TelegramExport(), export / "result.json")
    Arriving(home, [export], None, Clips()).run(threading.Event(), once=True, patience=0.0)


def desk() -> list[tuple[Any, ...]]:
    """What the desk says of every account."""
    said = {
        case: [(f.signal, f.score, f.because, str(f.seen), f.gone_at) for f in case.findings.all()]
        for case in Case.objects.all()
    }
    return sorted((case.account_id, case.top_score, findings) for case, findings in said.items())


def test_who_posts_known_media_has_a_case_at_once_and_the_scan_agrees(home: Path) -> None:
    following = Following(home)
    posted(home, 1, 1, 2)
    done = following.step()
    assert done is not None
    assert (done.new, [case.account_id for case in Case.objects.all()]) == (1, ["user1"])
    assert following.step() is None
    posted(home, 11, 1, 3)
    following.step()
    (case,) = Case.objects.all()
    assert "2 posts carry known media" in case.findings.get().because  # over all its media, not only the newest
    said = desk()
    scan_home(home)
    assert desk() == said
    assert Following(home).step() is None  # what was hashed before is the scan's
    assert desk() == said


def test_what_was_hashed_while_a_scan_ran_is_not_taken_back(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    following, scan = Following(home), scanning.scan

    def slow(*given: Any) -> Any:
        report = scan(*given)
        posted(home, 1, 1)
        following.step()
        return report

    monkeypatch.setattr(scanning, "scan", slow)
    scan_home(home)
    (case,) = Case.objects.all()
    assert [finding.gone_at for finding in case.findings.all()] == [None]


def test_a_bank_that_cannot_be_read_stops_nothing_else(home: Path) -> None:
    following = Following(home)
    (path,) = (home / "banks").glob("*.parquet")
    path.rename(home / "kept")
    posted(home, 1, 1)
    assert following.step() is None
    assert not Case.objects.exists()
    (home / "kept").rename(path)
    scan_home(home)
    assert [case.account_id for case in Case.objects.all()] == ["user1"]
