"""An account at whose front door a test asks and gets answers at once, without a scenario."""

import json
from typing import Any

from lambdalab.simulator.account import ADMINISTRATOR, Answer, Principal, Request, World
from lambdalab.simulator.kernel import DAY, SECOND, Kernel, Micros
from lambdalab.simulator.lambda_.compute import Compute, Cost
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.lambda_.handlers import Handlers
from lambdalab.simulator.lambda_.scripted import Act, Script, ScriptedHandlers, always
from lambdalab.simulator.lambda_.service import LambdaService
from lambdalab.simulator.vocabulary.errors import AwsError


class Desk:
    """One account with a function ``work`` that takes no time; each call is made and answered at once."""

    def __init__(
        self, script: Script | Act | None = None, *, handlers: Handlers | None = None, **function: Any
    ) -> None:
        self.kernel = Kernel(1)
        self.facts: list[Any] = []
        self.world = World(self.kernel, lambda entry: self.facts.append(entry[2]), epoch_us=0)
        acting = always(script) if isinstance(script, Act) else script or always(Act())
        made = handlers or ScriptedHandlers(acting, Act(status="ready"))
        compute = Compute(functions={"work": Cost(0, 0)})
        self.lambda_ = LambdaService(self.world, made, compute, account_limit=1_000)
        usual: dict[str, Any] = {"runtime": "python3.13", "handler": "app.handler", "code": {}, "role": ADMINISTRATOR}
        self.lambda_.deploy(Function("work", **{**usual, **function}))

    def call(self, operation: str, *, caller: Principal = ADMINISTRATOR, **params: Any) -> Any:
        """The answer, or AWS's error."""
        return self.ask("lambda", operation, {"FunctionName": "work", **params}, caller)

    def ask(self, service: str, operation: str, params: dict[str, Any], principal: Principal = ADMINISTRATOR) -> Any:
        request = Request(principal, service, operation, params, "test")
        answers: list[Any] = []

        def caller() -> Any:
            answers.append((yield from self.world.api.call(request)))

        self.kernel.spawn(caller())
        self.kernel.run(DAY, lambda: None)
        return answers[0]

    def invoke(self, payload: Any = None, **params: Any) -> dict[str, Any]:
        """What Invoke answers when it goes well."""
        return output(self.call("Invoke", **{"Payload": json.dumps(payload).encode(), **params}))

    def wait(self, seconds: float) -> None:
        self.kernel.spawn(self.kernel.sleep(Micros(round(seconds * SECOND))))
        self.kernel.run(DAY, lambda: None)

    def of(self, kind: type[Any]) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kind)]


def output(answer: Any) -> dict[str, Any]:
    """What a call that went well has answered."""
    assert isinstance(answer, Answer), answer
    return answer.output


def refused(answer: Any) -> tuple[int, str, str]:
    """Status, code and message of a call that was refused."""
    assert isinstance(answer, AwsError), answer
    return answer.status, answer.code, answer.message
