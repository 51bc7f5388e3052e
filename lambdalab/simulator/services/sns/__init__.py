"""Amazon SNS in virtual time: topics, filter policies, and delivery until a subscriber accepts."""

from lambdalab.simulator.services.sns.service import SnsService
from lambdalab.simulator.services.sns.topic import Subscription, Topic

__all__ = ["SnsService", "Subscription", "Topic"]
