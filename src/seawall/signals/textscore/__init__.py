"""The text score: how much a post reads like the posts of a home's seeds. It orders what people read, and no more.

A linear model over hashed runs of letters inside words, fitted to the home's own seeds. It makes no finding, lists no
account and has no say in one. Words that name religions, peoples, nations and languages are not looked at, and no
sentence of the control corpus scores one half.
"""

from seawall.signals.textscore.model import TextScore, read_model, write_model

__all__ = ["TextScore", "read_model", "write_model"]
