"""What a home watches: tables [watch.NAME] of seawall.toml say it, and secrets are in files that only the owner reads.

A secret is in `keys/read-NAME.json` and nowhere else. Writing keeps what people wrote into seawall.toml, comments too.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from seawall.lake.files import flush_folder, write_private, write_whole
from seawall.sources.contract import SourceError
from seawall.sources.kinds import KINDS, Ask, Kind
from seawall.sources.loading import Followed

_FILE = "seawall.toml"
_NAME = r"[a-z0-9][a-z0-9_.-]{0,40}"
_OWN = ("kind", "platform", "shed")  # settings of every watch; the others are the kind's


@dataclass(frozen=True, slots=True)
class Watch:
    """One server that is watched, without its secrets."""

    name: str
    kind: str
    platform: str
    shed: int | None = None  # items that may wait before those that follow are let go; None: none is, it falls behind
    answers: Mapping[str, Any] = field(default_factory=dict)  # to the kind's asks


def watch_of(name: str, given: Mapping[str, Any]) -> Watch:
    """A table [watch.NAME]. Raises SourceError naming what is wrong with it; the kind's answers are not looked at."""
    kind, platform, shed = given.get("kind"), given.get("platform", name), given.get("shed")
    live = [kind.name for kind in KINDS.values() if kind.live]
    if kind not in live:
        raise SourceError(f"[watch.{name}] kind must be one of: {', '.join(live)}")
    if not all(isinstance(word, str) and re.fullmatch(_NAME, word) for word in (name, platform)):
        raise SourceError(f"[watch.{name}] '{platform}' is no name: use small letters, digits, '-', '_' and '.'")
    if shed is not None and (not isinstance(shed, int) or isinstance(shed, bool) or not 1 <= shed <= 1_000_000):
        raise SourceError(f"[watch.{name}] shed must be a number of items, 1 to 1,000,000")
    return Watch(name, kind, platform, shed, {key: value for key, value in given.items() if key not in _OWN})


def watches(home: Path) -> dict[str, Watch]:
    """What is watched, by name. Raises SourceError if seawall.toml cannot be read or a table of it is wrong."""
    _move_old(home)
    return {name: watch_of(name, given) for name, given in sorted(_tables(home).items())}


def live_source(home: Path, name: str) -> tuple[Watch, Followed]:
    """The source that a watch follows. Raises SourceError if there is none of that name, or its settings are wrong."""
    watch = watches(home).get(name)
    if watch is None:
        raise SourceError(f"{name} is not connected. Connect it first: seawall connect KIND --name {name}")
    kind = KINDS[watch.kind]
    settings = settings_of(kind, {**watch.answers, **_secrets(home, kind, name)}, f"[watch.{name}] ")
    return watch, kind.followed(settings, watch.platform)


def settings_of(kind: Kind, given: Mapping[str, Any], where: str = "") -> dict[str, Any]:
    """Answers to every ask of a kind, its defaults among them. Raises SourceError naming one that is missing, wrong
    or unknown."""
    asks = {ask.name: ask for ask in kind.asks()}
    unknown = [name for name in given if name not in asks]
    if unknown:
        raise SourceError(f"{where}'{unknown[0]}' is no setting of {kind.name}; known are: {', '.join(asks)}")
    return {name: _answer(kind, ask, given.get(name), where) for name, ask in asks.items()}


def _answer(kind: Kind, ask: Ask, given: Any, where: str) -> str | list[str]:
    if ask.many:
        texts = given if given is not None else []
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise SourceError(f"{where}{ask.name} must be a list of texts")
        return texts
    if isinstance(given, int | float) and not isinstance(given, bool):
        given = str(given)
    answer = given if given not in (None, "") else ask.default
    if answer is None:
        raise SourceError(
            f"{where}{ask.name} is missing ({ask.question}). Connect it again: seawall connect {kind.name}"
        )
    if not isinstance(answer, str):
        raise SourceError(f"{where}{ask.name} must be a text")
    return answer


def save(home: Path, watch: Watch, settings: Mapping[str, Any]) -> None:
    """Watch a server from now on. Raises SourceError if seawall.toml cannot be read."""
    asks = KINDS[watch.kind].asks()
    given = {ask.name: settings.get(ask.name, _default(ask)) for ask in asks}
    secrets = {ask.name: given[ask.name] for ask in asks if ask.secret and (given[ask.name] or not ask.made_for)}
    plain = {ask.name: given[ask.name] for ask in asks if not ask.secret and given[ask.name] != _default(ask)}
    own = {"kind": watch.kind, "platform": watch.platform} if watch.platform != watch.name else {"kind": watch.kind}
    document = _document(home)
    if "watch" not in document:
        document["watch"] = tomlkit.table(is_super_table=True)
    table = tomlkit.table()
    for key, value in {**own, **({"shed": watch.shed} if watch.shed else {}), **plain}.items():
        table[key] = value
    document["watch"][watch.name] = table
    _write(home, document)
    if secrets:
        write_private(_secrets_of(home, watch.name), json.dumps(secrets).encode())


def write_registration(home: Path, name: str, content: str) -> Path:
    """Keep what a server must be given, for its owner only; where it is."""
    path = _registration_of(home, name)
    write_private(path, content.encode())
    return path


def _default(ask: Ask) -> object:
    return [] if ask.many else ask.default


def forget(home: Path, name: str) -> bool:
    """Forget a server and its secrets; what was read of it stays until it expires. False if it was not watched."""
    document = _document(home)
    tables = document.get("watch", {})
    was_there = name in tables
    if was_there:
        del tables[name]
        if not tables:
            del document["watch"]
        _write(home, document)
    _secrets_of(home, name).unlink(missing_ok=True)
    _registration_of(home, name).unlink(missing_ok=True)
    return was_there


def _tables(home: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads((home / _FILE).read_text("utf-8-sig")).get("watch", {})
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SourceError(f"cannot read {home / _FILE}: {error}. Mend it.") from error
    if not isinstance(found, dict) or not all(isinstance(given, dict) for given in found.values()):
        raise SourceError(f"{home / _FILE}: what is watched is in tables [watch.NAME]")
    return found


def _document(home: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse((home / _FILE).read_text("utf-8-sig"))
    except FileNotFoundError:
        return tomlkit.document()
    except (OSError, ValueError, TOMLKitError) as error:
        raise SourceError(f"cannot read {home / _FILE}: {error}. Mend it.") from error


def _write(home: Path, document: tomlkit.TOMLDocument) -> None:
    content = tomlkit.dumps(document).encode()
    write_whole(home / _FILE, lambda stream: stream.write(content))
    flush_folder(home)


def _secrets_of(home: Path, name: str) -> Path:
    return home / "keys" / f"read-{name}.json"


def _registration_of(home: Path, name: str) -> Path:
    return home / "keys" / f"registration-{name}.yaml"


def _secrets(home: Path, kind: Kind, name: str) -> dict[str, Any]:
    path, wanted = _secrets_of(home, name), [ask.name for ask in kind.asks() if ask.secret]
    if not wanted:
        return {}
    try:
        given = json.loads(path.read_bytes())
        return {secret: given[secret] for secret in wanted if secret in given}
    except (OSError, ValueError, TypeError) as error:
        raise SourceError(f"cannot use {path}: {error}. Connect it again: seawall connect {kind.name}") from error


def _move_old(home: Path) -> None:
    """Earlier versions kept all settings of a Matrix server in the file of its secrets: move them, once."""
    for path in sorted((home / "keys").glob("read-*.json")):
        try:
            old = json.loads(path.read_bytes())
            if not isinstance(old, dict) or "base_url" not in old:
                continue
            name = path.stem.removeprefix("read-")
            settings = {"url": old["base_url"], "token": old["token"], "rooms": old["rooms"], "seconds": "10"}
        except (OSError, ValueError, KeyError) as error:
            raise SourceError(f"cannot use {path}: {error}. Connect it again: seawall connect matrix") from error
        save(home, Watch(name, "matrix", name), settings)
