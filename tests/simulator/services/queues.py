"""Queues at whose front door consumers of a test do one thing after the other."""

from typing import Any

from lambdalab.simulator.account import ADMINISTRATOR, Answer, Request, World
from lambdalab.simulator.account.faults import Fault, Faults
from lambdalab.simulator.kernel import DAY, Kernel, Process
from lambdalab.simulator.services.sqs import Queue, SqsService
from lambdalab.simulator.trace import Stamped
from lambdalab.simulator.vocabulary.errors import AwsError
from tests.simulator.playing import seconds


class QueueDesk:
    """One account with queues, and a consumer who does one thing after the other."""

    def __init__(self, *queues: Queue, faults: tuple[Fault, ...] = ()) -> None:
        self.facts: list[Stamped] = []
        self.kernel = Kernel(1)
        self.world = World(self.kernel, lambda entry: self.facts.append(Stamped(*entry)), epoch_us=0)
        self.world.faults = Faults(self.kernel, faults)
        self.sqs = SqsService(self.world)
        for queue in queues:
            self.sqs.deploy(queue)

    def call(self, operation: str, queue: str = "q", **params: Any) -> Process[Any]:
        request = Request(ADMINISTRATOR, "sqs", operation, ({"QueueUrl": queue} if queue else {}) | params, "test")
        answer = yield from self.world.api.call(request)
        return answer.output if isinstance(answer, Answer) else answer

    def receive(self, **params: Any) -> Process[Any]:
        output = yield from self.call("ReceiveMessage", **params)
        return output.get("Messages", [])

    def wait(self, length: float) -> Process[None]:
        yield from self.kernel.sleep(seconds(length))

    def play(self, *processes: Process[Any]) -> None:
        for process in processes:
            self.kernel.spawn(process)
        self.kernel.run(DAY, lambda: None)

    def of(self, kind: type[Any]) -> list[Any]:
        return [stamped.fact for stamped in self.facts if isinstance(stamped.fact, kind)]


def bodies(messages: list[dict[str, Any]]) -> list[str]:
    return [message["Body"] for message in messages]


def refusal(queue: Queue, operation: str = "SendMessage", **params: Any) -> AwsError:
    desk = QueueDesk(queue)
    answers: list[Any] = []

    def caller() -> Process[None]:
        answers.append((yield from desk.call(operation, **{"MessageBody": "x", **params})))

    desk.play(caller())
    assert isinstance(answers[0], AwsError)
    return answers[0]
