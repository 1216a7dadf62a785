"""Polls, whose text is their question and answers; as specified, and as clients sent them before (MSC3381)."""

from __future__ import annotations

from typing import Any

import msgspec

_EARLY = "org.matrix.msc3381.poll"
_EARLY_TEXT = "org.matrix.msc1767.text"
POLLS = ("m.poll.start", f"{_EARLY}.start")
LEFT_OUT = {
    "m.poll.response": "answer to a poll",
    f"{_EARLY}.response": "answer to a poll",
    "m.poll.end": "end of a poll",
    f"{_EARLY}.end": "end of a poll",
}


def poll_text(content: dict[str, Any]) -> str:
    """Question and answers, one a line; of an edit, the new ones. Raises msgspec.ValidationError if it asks nothing."""
    new = content.get("m.new_content")
    content = new if isinstance(new, dict) else content
    poll: dict[str, Any] = next(
        (content[name] for name in ("m.poll", *POLLS) if isinstance(content.get(name), dict)), {}
    )
    answers = poll.get("answers")
    lines = [_words(poll.get("question")), *map(_words, answers if isinstance(answers, list) else [])]
    if not lines[0]:
        raise msgspec.ValidationError("a poll without a question")
    return "\n".join(line for line in lines if line)


def _words(part: object) -> str:
    """The words of a question or an answer: plain ones, or the first of several forms."""
    if not isinstance(part, dict):
        return ""
    forms = part.get("m.text")
    first = forms[0].get("body") if isinstance(forms, list) and forms and isinstance(forms[0], dict) else forms
    given = (first, part.get(_EARLY_TEXT), part.get("body"))
    return next((words for words in given if isinstance(words, str) and words), "")
