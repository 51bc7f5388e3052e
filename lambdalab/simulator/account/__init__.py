"""The simulated account: one world, one front door."""

from lambdalab.simulator.account.api import Answer, FrontDoor, Guard, Request, Right, Service
from lambdalab.simulator.account.faults import Fault, Faults
from lambdalab.simulator.account.iam import ADMINISTRATOR, ANONYMOUS, Principal, service_principal
from lambdalab.simulator.account.world import World

__all__ = [
    "ADMINISTRATOR",
    "ANONYMOUS",
    "Answer",
    "Fault",
    "Faults",
    "FrontDoor",
    "Guard",
    "Principal",
    "Request",
    "Right",
    "Service",
    "World",
    "service_principal",
]
