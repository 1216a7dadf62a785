"""Whatever is changed in a log is found, and the first bad row is named."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from audit.chains import KEY, Chain, chain, rewritten
from seawall.audit.chain import Head, HeadError, Row, hash_of, make_key, read_heads, sign
from seawall.audit.verify import COLUMNS, ChainError, Verified, open_file, verify

SOUND = chain([{"reason": f"reason {n}"} for n in range(12)])


def _broken(log: Chain | Path, *saved: Head) -> tuple[int, int]:
    """The row that is named, and the step that failed."""
    with pytest.raises(ChainError) as caught:
        _verify(log, *saved)
    return caught.value.row, caught.value.step


def _verify(log: Chain | Path, *saved: Head) -> Verified:
    if isinstance(log, Chain):
        return verify(log, saved)
    with open_file(log) as opened:
        return verify(opened, saved)


@pytest.fixture(params=["sqlite", "export"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _written(log: Chain, form: str, folder: Path) -> Path:
    return log.to_sqlite(folder / "copy.sqlite") if form == "sqlite" else log.to_export(folder / "log.jsonl")


def test_a_sound_log_says_how_many_rows_from_when_to_when(form: str, tmp_path: Path) -> None:
    with open_file(_written(SOUND, form, tmp_path)) as log:
        found = verify(log, [SOUND.head(5), SOUND.head(12)])
    assert (found.rows, found.first_at, found.last_at) == (12, SOUND.list[0].at, SOUND.list[-1].at)
    assert found.tip == SOUND.tip


def test_an_empty_log_is_sound(tmp_path: Path) -> None:
    path = _written(chain([]), "sqlite", tmp_path)
    assert _verify(path).rows == 0
    with pytest.raises(ChainError, match="is missing"):
        _verify(path, SOUND.head(5))


@pytest.mark.parametrize("column", [name for name in COLUMNS if name != "seq"])
def test_any_column_of_a_row_that_is_edited(column: str, form: str, tmp_path: Path) -> None:
    edited = SOUND.changed(7, **{column: getattr(SOUND.list[6], column) + "x"})
    assert _broken(_written(edited, form, tmp_path)) == (7, 2)


def test_a_row_that_is_edited_and_hashed_anew_breaks_the_next(form: str, tmp_path: Path) -> None:
    row = replace(SOUND.list[6], reason="another")
    edited = SOUND.changed(7, reason="another", hash=row.computed_hash())
    assert _broken(_written(edited, form, tmp_path)) == (8, 3)


@pytest.mark.parametrize("gone", [1, 6, 11])
def test_a_row_that_was_deleted(gone: int, form: str, tmp_path: Path) -> None:
    rest = Chain([row for row in SOUND.list if row.seq != gone], SOUND.tip)
    assert _broken(_written(rest, form, tmp_path)) == (gone, 1)


def test_the_last_row_that_was_deleted_is_missed_by_the_tip(form: str, tmp_path: Path) -> None:
    assert _broken(_written(Chain(SOUND.list[:-1], SOUND.tip), form, tmp_path)) == (12, 4)


def test_all_rows_deleted(form: str, tmp_path: Path) -> None:
    assert _broken(_written(Chain([], SOUND.tip), form, tmp_path)) == (1, 4)


def test_rows_put_in_between_twice_or_in_another_order() -> None:
    assert _broken(Chain([*SOUND.list[:4], SOUND.list[3], *SOUND.list[4:]], SOUND.tip)) == (5, 1)
    assert _broken(Chain([*SOUND.list[:3], SOUND.list[4], SOUND.list[3], *SOUND.list[5:]], SOUND.tip)) == (4, 1)
    zeroth = replace(SOUND.list[0], seq=0)
    assert _broken(Chain([zeroth, *SOUND.list], SOUND.tip)) == (1, 1)


@pytest.mark.parametrize("column", ["seq", "hash", "at", "signature", "key"])
def test_any_column_of_the_tip_that_is_edited(column: str, form: str, tmp_path: Path) -> None:
    assert SOUND.tip
    old = getattr(SOUND.tip, column)
    edited = replace(SOUND.tip, **{column: old + 1 if column == "seq" else ("0" if old[0] != "0" else "1") + old[1:]})
    row, step = _broken(_written(Chain(SOUND.list, edited), form, tmp_path))
    assert step in (4, 5)
    assert row in (12, 13)


def test_a_tip_that_is_gone(form: str, tmp_path: Path) -> None:
    assert _broken(_written(Chain(SOUND.list, None), form, tmp_path)) == (12, 4)


def test_a_tip_turned_back_while_the_rows_stay(form: str, tmp_path: Path) -> None:
    assert _broken(_written(Chain(SOUND.list, SOUND.head(9)), form, tmp_path)) == (10, 4)


def test_last_rows_cut_off_and_the_tip_forged_without_the_key() -> None:
    last = SOUND.list[8]
    assert SOUND.tip
    forged = replace(SOUND.tip, seq=last.seq, hash=last.hash, at=last.at)
    assert _broken(Chain(SOUND.list[:9], forged)) == (9, 5)


def test_last_rows_cut_off_and_an_old_genuine_tip_put_back_are_missed_by_a_saved_head() -> None:
    turned_back = Chain(SOUND.list[:9], SOUND.head(9))
    assert verify(turned_back).rows == 9  # nothing inside the log can show it
    assert _broken(turned_back, SOUND.head(11)) == (10, 7)


def test_a_chain_rewritten_with_the_stolen_key_is_found_against_a_saved_head_only() -> None:
    forged = rewritten(SOUND, 4, reason="nothing to see")
    assert verify(forged, [SOUND.head(3)]).rows == 12
    assert _broken(forged, SOUND.head(4)) == (4, 7)
    assert _broken(forged, SOUND.head(12), SOUND.head(6), SOUND.head(3)) == (6, 7)


def test_a_chain_rewritten_with_another_key_names_the_change_of_key() -> None:
    forged = rewritten(SOUND, 4, key=make_key(), reason="nothing to see")
    assert verify(forged).rows == 12
    assert _broken(forged, SOUND.head(3)) == (3, 6)


@pytest.mark.parametrize("column", ["seq", "hash", "at", "signature"])
def test_a_saved_head_that_was_edited(column: str) -> None:
    head = SOUND.head(5)
    old = getattr(head, column)
    edited = replace(head, **{column: old + 1 if column == "seq" else ("0" if old[0] != "0" else "1") + old[1:]})
    assert _broken(SOUND, edited)[1] == 6


@pytest.mark.parametrize("text", ["", "\n", "{}", "not json", '{"form": "seawall-audit-1", "seq": "5"}', "[1]", "\xff"])
def test_a_saved_head_that_cannot_be_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "head"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(HeadError):
        read_heads(path)


def test_every_head_of_a_file_counts_not_only_the_newest(tmp_path: Path) -> None:
    forged = rewritten(SOUND, 4, reason="nothing to see")
    path = tmp_path / "heads"
    path.write_text("\n".join(head.as_json() for head in (SOUND.head(5), forged.head(12))) + "\n")
    assert _broken(forged, *read_heads(path)) == (5, 7)


def test_signatures_have_one_spelling() -> None:
    assert SOUND.tip
    for changed in (SOUND.tip.signature.upper(), " " + SOUND.tip.signature):
        assert _broken(Chain(SOUND.list, replace(SOUND.tip, signature=changed))) == (12, 5)


# --- files ---------------------------------------------------------------------------------------------------------


def _edited(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()
    return path


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entry SET reason = CAST('reason 6' AS BLOB) WHERE seq = 7",
        "UPDATE audit_entry SET reason = NULL WHERE seq = 7",
        "UPDATE audit_entry SET reason = CAST(x'ff' AS TEXT) WHERE seq = 7",
    ],
)
def test_values_that_are_no_text(change: str, tmp_path: Path) -> None:
    assert _broken(_edited(SOUND.to_sqlite(tmp_path / "copy.sqlite"), change))[0] == 7


def test_a_second_tip_and_a_log_without_its_tables(tmp_path: Path) -> None:
    twice = _edited(
        SOUND.to_sqlite(tmp_path / "a.sqlite"),
        "INSERT INTO audit_tip SELECT 2, seq, hash, at, signature, key FROM audit_tip",
    )
    assert _broken(twice) == (12, 4)
    assert _broken(_edited(SOUND.to_sqlite(tmp_path / "b.sqlite"), "DROP TABLE audit_entry")) == (1, 1)
    assert _broken(_edited(SOUND.to_sqlite(tmp_path / "c.sqlite"), "DROP TABLE audit_tip"))[1] == 4


def test_a_ledger_file_with_a_damaged_page_names_the_row_it_ends_before(tmp_path: Path) -> None:
    path = chain([{"reason": "long " * 200} for _ in range(60)]).to_sqlite(tmp_path / "copy.sqlite")
    content = bytearray(path.read_bytes())
    content[4096 * 8 : 4096 * 9] = b"\xff" * 4096
    path.write_bytes(content)
    row, _ = _broken(path)
    assert 1 < row < 60


def test_nothing_is_written_beside_a_copy(tmp_path: Path) -> None:
    path = SOUND.to_sqlite(tmp_path / "copy.sqlite")
    _edited(path, "PRAGMA journal_mode=WAL")
    before = path.read_bytes()
    with open_file(path) as log:
        verify(log)
    assert [each.name for each in tmp_path.iterdir()] == ["copy.sqlite"]
    assert path.read_bytes() == before


def _lines(tmp_path: Path) -> list[bytes]:
    return SOUND.to_export(tmp_path / "log.jsonl").read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize(
    ("number", "to"),
    [
        (4, b"\n"),
        (4, b"not json\n"),
        (4, b"[1, 2]\n"),
        (4, b"\xff\xfe\n"),
        (4, b'{"seq": 4}\n'),
    ],
)
def test_a_damaged_line_is_named(number: int, to: bytes, tmp_path: Path) -> None:
    lines = _lines(tmp_path)
    lines[number - 1] = to
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(lines))
    assert _broken(path) == (number, 1)


def test_a_line_that_says_a_field_twice_or_more_than_a_row_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    for old, new in ((b'{"seq":4,', b'{"reason":"shown first","seq":4,'), (b'{"seq":4,', b'{"more":1,"seq":4,')):
        lines = _lines(tmp_path)
        lines[3] = lines[3].replace(old, new)
        path.write_bytes(b"".join(lines))
        assert _broken(path) == (4, 1)


def test_an_export_cut_short_and_one_that_goes_on_after_its_tip(tmp_path: Path) -> None:
    lines, path = _lines(tmp_path), tmp_path / "log.jsonl"
    path.write_bytes(b"".join(lines)[:-40])
    assert _broken(path) == (13, 1)
    path.write_bytes(lines[0][:-40])
    assert _broken(path) == (1, 1)
    path.write_bytes(b"damaged\n" + b"".join(lines[1:]))
    assert _broken(path) == (1, 1)
    path.write_bytes(b"".join(lines[:-1]))
    assert _broken(path) == (12, 4)
    path.write_bytes(b"".join([*lines, lines[3]]))
    assert _broken(path) == (14, 1)
    path.write_bytes(b"".join([*lines, lines[-1]]))
    assert _broken(path) == (12, 4)
    path.write_bytes(b"".join(lines).replace(b"\n", b"\r\n"))  # as mail may bring it
    with open_file(path) as log:
        assert verify(log).rows == 12


def test_a_file_is_verified_without_django(tmp_path: Path) -> None:
    path, head = SOUND.to_export(tmp_path / "log.jsonl"), tmp_path / "head"
    head.write_text(SOUND.head(5).as_json())
    code = (
        "import sys; from typer.testing import CliRunner; from seawall.cli.audit import app; "
        "ran = CliRunner().invoke(app, ['verify', sys.argv[1], '--head', sys.argv[2], '--json']); "
        "print(ran.stdout, [name for name in sys.modules if name.split('.')[0] == 'django'])"
    )
    ran = subprocess.run([sys.executable, "-c", code, path, head], capture_output=True, text=True, check=True)
    said, modules = ran.stdout.strip().split("\n")
    assert json.loads(said)["whole"] is True
    assert modules.strip() == "[]"


# --- properties ----------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
CONTENT = st.fixed_dictionaries({name: TEXT for name in COLUMNS if name not in ("seq", "prev", "hash")})


@given(contents=st.lists(CONTENT, min_size=1, max_size=6), data=st.data())
def test_any_change_of_any_field_of_any_row_is_found_at_that_row(
    contents: list[dict[str, str]], data: st.DataObject
) -> None:
    sound = chain(contents)
    assert verify(sound).rows == len(contents)
    number = data.draw(st.integers(1, len(contents)))
    column = data.draw(st.sampled_from(COLUMNS))
    value = data.draw(st.integers(-3, 20) if column == "seq" else TEXT)
    assume(value != getattr(sound.list[number - 1], column))
    assert _broken(sound.changed(number, **{column: value}))[0] == number


@given(contents=st.lists(CONTENT, min_size=2, max_size=6), data=st.data())
def test_text_moved_between_fields_is_found(contents: list[dict[str, str]], data: st.DataObject) -> None:
    sound = chain(contents)
    number = data.draw(st.integers(1, len(contents)))
    row = sound.list[number - 1]
    assume(row.actor or row.roles)
    moved = {"actor": row.actor + row.roles, "roles": ""}
    assume(moved["actor"] != row.actor)
    assert _broken(sound.changed(number, **moved)) == (number, 2)


@given(values=st.lists(TEXT, min_size=8, max_size=8), seq=st.integers(1, 2**62))
def test_what_is_hashed_is_plain_json(values: list[str], seq: int) -> None:
    plain = json.dumps(["seawall-audit-1", seq, *values], ensure_ascii=False, separators=(",", ":"))
    expected = hashlib.sha256(plain.encode()).hexdigest()
    assert hash_of((seq, *values)) == expected
    assert Row(seq, *values).computed_hash() == expected


def test_heads_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    heads = [SOUND.head(3), sign(KEY, 9, "ab", "2026")]
    (tmp_path / "heads").write_text("".join(head.as_json() + "\n" for head in heads))
    assert read_heads(tmp_path / "heads") == heads
    assert all(head.signed() for head in heads)
