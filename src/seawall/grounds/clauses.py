"""The clauses a fresh desk starts with, one a type of conduct; legal officers fit them to the platform's terms."""

from __future__ import annotations

from seawall.records.terms import Conduct

SHIPPED: dict[str, tuple[Conduct, str, str]] = {
    "T1": (
        Conduct.PROPAGANDA,
        "Terrorist propaganda",
        "Do not spread material made by or for a terrorist organisation, except to report on it, study it or argue "
        "against it.",
    ),
    "T2": (
        Conduct.INCITEMENT,
        "Incitement and glorification",
        "Do not call for, praise or glorify acts of terrorism.",
    ),
    "T3": (
        Conduct.RECRUITMENT,
        "Recruitment",
        "Do not recruit for a terrorist organisation or ask people to support one.",
    ),
    "T4": (Conduct.FINANCING, "Financing", "Do not raise or move money for a terrorist organisation."),
    "T5": (Conduct.TRAVEL_FACILITATION, "Travel", "Do not help anyone travel to join a terrorist organisation."),
    "T6": (Conduct.INSTRUCTION, "Instruction", "Do not teach or share how to commit acts of terrorism."),
    "T7": (Conduct.THREAT, "Threats", "Do not threaten acts of terrorism."),
}
