"""Voices: how accounts stand towards what a network spreads. They pass it on, report it, argue against it, hunt who
does, are its targets, or are courted by it."""

from seawall.signals.voices.model import Voice, against, at_risk, posterior
from seawall.signals.voices.withholding import Withheld, withhold

__all__ = ["Voice", "Withheld", "against", "at_risk", "posterior", "withhold"]
