"""Text of many languages: one way to fold it, to cut it into words, and to see a word through its disguise."""

from seawall.signals.text.folding import fold, plain, without_links
from seawall.signals.text.language import language
from seawall.signals.text.reading import Reading, read, words
from seawall.signals.text.spelling import Spelled, Spelling, spellings

__all__ = ["Reading", "Spelled", "Spelling", "fold", "language", "plain", "read", "spellings", "without_links", "words"]
