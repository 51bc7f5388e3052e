"""Amazon CloudWatch: metrics and alarms."""

from lambdalab.simulator.services.cloudwatch.service import CloudWatch

__all__ = ["CloudWatch"]
