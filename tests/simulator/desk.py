"""An account at whose front door a test asks and gets answers at once, without a scenario."""

from typing import Any

from lambdalab.simulator.account import ADMINISTRATOR, Answer, Principal, Request, World
from lambdalab.simulator.kernel import DAY, Kernel
from lambdalab.simulator.lambda_.compute import Compute
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.lambda_.scripted import Act, ScriptedHandlers, always
from lambdalab.simulator.lambda_.service import LambdaService
from lambdalab.simulator.vocabulary.errors import AwsError


class Desk:
    """One account with a function ``work``; each call is made and answered at once."""

    def __init__(self, **function: Any) -> None:
        self.kernel = Kernel(1)
        self.facts: list[Any] = []
        self.world = World(self.kernel, lambda stamped: self.facts.append(stamped.fact), epoch_us=0)
        handlers = ScriptedHandlers(always(Act()), Act(status="ready"))
        self.lambda_ = LambdaService(self.world, handlers, Compute(), account_limit=1_000)
        self.lambda_.deploy(Function("work", "python3.13", "app.handler", {}, ADMINISTRATOR, **function))

    def call(self, operation: str, **params: Any) -> Any:
        """The answer, or AWS's error."""
        return self.ask("lambda", operation, {"FunctionName": "work", **params})

    def ask(self, service: str, operation: str, params: dict[str, Any], principal: Principal = ADMINISTRATOR) -> Any:
        request = Request(principal, service, operation, params, "test")
        answers: list[Any] = []

        def caller() -> Any:
            answers.append((yield from self.world.api.call(request)))

        self.kernel.spawn(caller())
        self.kernel.run(DAY, lambda: None)
        return answers[0]


def output(answer: Any) -> dict[str, Any]:
    """What a call that went well has answered."""
    assert isinstance(answer, Answer), answer
    return answer.output


def refused(answer: Any) -> tuple[int, str, str]:
    """Status, code and message of a call that was refused."""
    assert isinstance(answer, AwsError), answer
    return answer.status, answer.code, answer.message
