"""The simulated account: one world, one front door."""

from lambdalab.simulator.account.api import Answer, FrontDoor, Request, Service
from lambdalab.simulator.account.faults import Fault, Faults
from lambdalab.simulator.account.iam import ADMINISTRATOR, Principal, service_principal
from lambdalab.simulator.account.world import World

__all__ = [
    "ADMINISTRATOR",
    "Answer",
    "Fault",
    "Faults",
    "FrontDoor",
    "Principal",
    "Request",
    "Service",
    "World",
    "service_principal",
]
