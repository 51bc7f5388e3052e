"""Amazon CloudWatch Logs in virtual time: the run's log groups, searches, and subscription filters."""

from lambdalab.simulator.services.logs.service import LogsService
from lambdalab.simulator.services.logs.store import SubscriptionFilter

__all__ = ["LogsService", "SubscriptionFilter"]
