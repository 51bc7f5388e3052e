"""EventBridge at a desk: calls are answered at once, without a scenario."""

from typing import Any

from lambdalab.simulator.account.faults import Fault, Faults
from lambdalab.simulator.kernel import DAY, Micros
from lambdalab.simulator.services.events import EventsService
from lambdalab.simulator.services.sns import SnsService
from lambdalab.simulator.services.sqs import Queue, SqsService
from tests.simulator.desk import Desk
from tests.simulator.playing import arn_of


class EventsDesk(Desk):
    """One account with the queues ``inbox`` and ``dlq``; whoever calls may do everything."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__()
        self.world.faults = Faults(self.kernel, faults)
        self.sqs = SqsService(self.world)
        self.sns = SnsService(self.world)
        for name in ("inbox", "dlq"):
            self.sqs.deploy(Queue(name))
        self.service = EventsService(self.world)

    def events(self, operation: str, **params: Any) -> Any:
        return self.ask("events", operation, params)

    def rule(self, name: str = "r", **params: Any) -> Any:
        return self.events("PutRule", **({"Name": name, "EventPattern": '{"source": ["shop"]}'} | params))

    def targets(self, *targets: dict[str, Any], rule: str = "r") -> Any:
        usual = {"Id": "t", "Arn": arn_of("sqs", "inbox")}
        return self.events("PutTargets", Rule=rule, Targets=[usual | each for each in targets])

    def put(self, **entry: Any) -> Any:
        return self.events("PutEvents", Entries=[{"Source": "shop", "DetailType": "Order", "Detail": "{}"} | entry])


def failing(operation: str, error: str, until: Micros | None = DAY) -> Fault:
    return Fault("fail", operation, Micros(0), until, error=error)
