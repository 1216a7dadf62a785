"""Floods: hashtags, links and targets that many accounts turn to at once, and whether they were pushed."""

from seawall.signals.floods.meter import EVENTS, Burst, Meter, Settings
from seawall.signals.floods.survey import FloodsSurvey

__all__ = ["EVENTS", "Burst", "FloodsSurvey", "Meter", "Settings"]
