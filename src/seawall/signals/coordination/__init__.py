"""Coordination: accounts that do the same at the same time more than chance allows. Never a ground against anybody."""

from seawall.signals.coordination.campaigns import CoordinationSurvey

__all__ = ["CoordinationSurvey"]
