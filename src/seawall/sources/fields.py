"""Which fields of a platform's items a source knows: those it reads and those it leaves out on purpose.

Platforms change. A field that no source knew is told, once a kind, instead of vanishing without a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

_Tree = dict[str, "_Tree"]
_EVERY = "*"
_MOST_NAMES = 60  # letters of a name that are told: names come from outside


class Fields:
    """The known fields of one kind of item, dotted: `snippet.title`; `snippet.*` is all that stands below it.

    Elements of a list carry the list's name. Both texts hold names between blanks.
    """

    def __init__(self, kind: str, read: str, left: str = "") -> None:
        self._kind = kind
        self._tree: _Tree = {}
        for name in f"{read} {left}".split():
            at = self._tree
            for part in name.split("."):
                at = at.setdefault(part, {})

    def unknown(self, given: object) -> list[str]:
        """Names of fields that are not known, each once, as `kind.name`."""
        return list(dict.fromkeys(f"{self._kind}.{name}" for name in _unknown(given, self._tree, "")))


def _unknown(given: object, tree: _Tree, before: str) -> Iterator[str]:
    if isinstance(given, Mapping):
        for name, value in given.items():
            known = tree.get(name)
            if known is None and _EVERY not in tree:
                yield f"{before}{str(name)[:_MOST_NAMES]}"
            elif known and _EVERY not in known:
                yield from _unknown(value, known, f"{before}{name}.")
    elif isinstance(given, Sequence) and not isinstance(given, str | bytes):
        for element in given:
            yield from _unknown(element, tree, before)
