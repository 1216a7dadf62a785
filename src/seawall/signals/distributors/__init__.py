"""Distributors: how material goes from who brings it over who carries it to who repeats it.

It is about a network and makes no finding.
"""

from __future__ import annotations

from seawall.signals.distributors.acts import Spreading
from seawall.signals.distributors.map import NetworkSurvey
from seawall.signals.distributors.plan import Plan, plan

__all__ = ["NetworkSurvey", "Plan", "Spreading", "plan"]
