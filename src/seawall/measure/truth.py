"""A truth file: which accounts people have labelled, and what each row is for when a signal is evaluated."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np

from seawall.records.terms import Role, words

COLUMNS = ("platform", "account", "role", "label", "family")
_NO_FAMILY = ("", "-", "none", "na", "n/a", "null", "0")  # each such account is a family of its own
_YES, _NO = ("1", "true", "yes", "positive", "supporter"), ("0", "false", "no", "negative", "background")
_UNSAID = {Role.SEED.value: "1", Role.BACKGROUND.value: "0"}  # a test row must say its label
# what stands under every evaluation
TRANSFER = (
    "Measured on this file alone. In another network, language, platform or time a signal does worse than where it was "
    "tried: label some accounts there and evaluate again before its figures are relied on."
)
Cells = dict[str, str]
Row = TypeVar("Row")


class TruthError(ValueError):
    """The truth file cannot be used; the message names the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line of a truth file that cannot be used, and why. The others are used without it."""

    line: int
    reason: str
    raw: str  # its cells, as CSV


@dataclass(frozen=True, slots=True)
class TruthRow:
    """One labelled account. Accounts of one family (the same operator coming back) are never on both sides."""

    platform: str
    account: str
    role: Role
    positive: bool
    family: str


def read_truth(path: Path, rejected: list[Rejected] | None = None) -> list[TruthRow]:
    """Read a truth file: CSV with columns platform, account, role (seed, background, test), label (1 or 0), family.

    Lines that cannot be used are added to `rejected`. Raises TruthError with the first thing that is wrong with the
    rest.
    """
    rejected = [] if rejected is None else rejected
    rows = read_rows(path, COLUMNS, _row, rejected)
    try:
        _check(path, rows)
    except TruthError as error:
        raise TruthError(f"{error}{also(rejected)}") from error
    return rows


def read_rows(
    path: Path, columns: Sequence[str], row: Callable[[Cells], Row], rejected: list[Rejected]
) -> list[Row]:  # fmt: skip
    """Rows of a CSV file that has at least these columns. `row` raises TruthError saying what is wrong with a line,
    which is then added to `rejected`.

    Raises TruthError if the file cannot be read, lacks a column, or has no line that can be used.
    """
    found: list[Row] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [name for name in columns if name not in (reader.fieldnames or [])]
            if missing:
                raise TruthError(f"{path}: lacks the columns {', '.join(missing)}; needed are {', '.join(columns)}")
            for cells in reader:
                try:
                    found.append(row(_whole(cells)))
                except TruthError as error:
                    rejected.append(Rejected(reader.line_num, str(error), _as_csv(cells)))
    except OSError as error:
        raise TruthError(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise TruthError(f"cannot read {path}: {error}") from error
    if not found:
        raise TruthError(f"{path}: has no line that can be used{also(rejected)}")
    return found


def header(path: Path) -> list[str]:
    """The columns of a truth file, by which its form is told. Raises TruthError if it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return next(csv.reader(stream), [])
    except OSError as error:
        raise TruthError(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise TruthError(f"cannot read {path}: {error}") from error


def also(rejected: Sequence[Rejected]) -> str:
    """What is said of rejected lines behind an error that may come of them."""
    if not rejected:
        return ""
    return f" ({len(rejected)} lines were rejected before that; line {rejected[0].line}: {rejected[0].reason})"


def _whole(cells: dict[str | None, str | list[str] | None]) -> Cells:
    if None in cells:
        raise TruthError("has more cells than the file has columns")
    return {str(name): cell.strip() if isinstance(cell, str) else "" for name, cell in cells.items()}


def _as_csv(cells: dict[str | None, str | list[str] | None]) -> str:
    out = io.StringIO()
    flat = [cell for its in cells.values() for cell in (its if isinstance(its, list) else [its or ""])]
    csv.writer(out, lineterminator="").writerow(flat)
    return out.getvalue()


def _row(cells: Cells) -> TruthRow:
    platform, account = named(cells)
    role, label, family = (cells[name] for name in ("role", "label", "family"))
    if role not in words(Role):
        raise TruthError(f"role must be one of {', '.join(words(Role))}, not {role!r}")
    label = label or _UNSAID.get(role, "")
    if label.casefold() not in _YES + _NO:
        raise TruthError(f"label must be 1 or 0, not {label!r}")
    positive = label.casefold() in _YES
    if (role == Role.SEED and not positive) or (role == Role.BACKGROUND and positive):
        raise TruthError(f"a seed's label is 1 and a background row's 0, not {label!r}")
    if family.casefold() in _NO_FAMILY:
        family = f"{platform}:{account}"
    return TruthRow(platform, account, Role(role), positive, family)


def named(cells: Cells) -> tuple[str, str]:
    """The account that a line names: its platform, and its id or handle. Raises TruthError where there is none."""
    platform, account = cells["platform"].lower(), cells["account"].lstrip("@")
    if not platform or not account:
        raise TruthError("needs a platform and an account")
    return platform, account


def once(account: tuple[str, str], seen: set[tuple[str, str]]) -> tuple[str, str]:
    """The account, which is noted. Raises TruthError for one that an earlier line names."""
    key = (account[0], account[1].casefold())
    if key in seen:
        raise TruthError("names an account that an earlier line names")
    seen.add(key)
    return account


def moment(text: str) -> datetime | None:
    """A time as a truth file writes it, in UTC where no zone is said; None where nothing stands. Raises TruthError."""
    if not text:
        return None
    try:
        told = datetime.fromisoformat(text)
    except ValueError as error:
        raise TruthError(f"times are written 2016-02-03 15:08:00, in UTC ({error})") from error
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _check(path: Path, rows: list[TruthRow]) -> None:
    roles = Counter(row.role for row in rows)
    absent = [role.value for role in Role if not roles[role]]
    if absent:
        raise TruthError(f"{path}: has no {' and no '.join(absent)} rows; a signal needs seeds, background and a test")
    kinds = {row.positive for row in rows if row.role is Role.TEST}
    if kinds != {True, False}:
        raise TruthError(f"{path}: its test rows need both labels, 1 and 0")
    twice = [key for key, count in Counter((r.platform, r.account.casefold()) for r in rows).items() if count > 1]
    if twice:
        raise TruthError(f"{path}: {len(twice)} accounts stand in more than one row; each may have one role")
    learned = _families(rows, Role.SEED) | _families(rows, Role.BACKGROUND)
    both = learned & _families(rows, Role.TEST)
    if both:
        raise TruthError(
            f"{path}: {len(both)} families have rows to learn from (seed or background) and test rows. Accounts of one "
            "operator on both sides make any signal look better than it is; give the whole family one role, and leave "
            "family empty for accounts that have none."
        )


def _families(rows: Iterable[TruthRow], role: Role) -> set[str]:
    return {row.family for row in rows if row.role is role}


def split_again(rows: list[TruthRow], number: int) -> list[TruthRow]:
    """Another division of the positive families into seeds and test, of the same sizes; `number` decides which."""
    positives = [row for row in rows if row.positive and row.role in (Role.SEED, Role.TEST)]
    families = sorted({row.family for row in positives})
    mixed = set(families) & {row.family for row in rows if not row.positive}
    if mixed:
        raise TruthError(
            f"{len(mixed)} families have accounts of both labels: they cannot be dealt anew. Mend the labels."
        )
    seeds = len(_families(positives, Role.SEED))
    drawn = np.random.default_rng(number).permutation(len(families))[:seeds]
    chosen = {families[i] for i in drawn}
    dealt = set(families)
    return [
        replace(row, role=Role.SEED if row.family in chosen else Role.TEST) if row.family in dealt else row
        for row in rows
    ]
