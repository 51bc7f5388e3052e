"""Amazon EventBridge Scheduler: schedules of their own, with time zones and roles, in virtual time."""

from lambdalab.simulator.services.scheduler.schedule import DEFAULT_GROUP, Entry
from lambdalab.simulator.services.scheduler.service import SchedulerService

__all__ = ["DEFAULT_GROUP", "Entry", "SchedulerService"]
