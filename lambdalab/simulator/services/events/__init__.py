"""Amazon EventBridge: event buses, rules and their targets in virtual time."""

from lambdalab.simulator.services.events.bus import DEFAULT, Bus, Rule, Target
from lambdalab.simulator.services.events.service import EventsService

__all__ = ["DEFAULT", "Bus", "EventsService", "Rule", "Target"]
