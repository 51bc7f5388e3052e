"""Calling the functions of a user pool: five seconds, three attempts. Fact F.8.

Source: Amazon Cognito Developer Guide, "Customizing user pool workflows with Lambda triggers", read 2026-11: a call
that is not answered within 5 seconds is made again, three times in all. Which errors are tried again: assumption A-125.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.services.cognito.pool import User, UserPool
from lambdalab.simulator.trace.facts import PoolTriggerCalled
from lambdalab.simulator.vocabulary.arns import REGION
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.json_values import read_json

PATIENCE = Micros(5 * SECOND)
ATTEMPTS = 3
TRIED_AGAIN = ("TooManyRequestsException", "ServiceException")
SOURCES = {
    "PreSignUp": "PreSignUp_SignUp",
    "PostConfirmation": "PostConfirmation_ConfirmSignUp",
    "PreAuthentication": "PreAuthentication_Authentication",
    "PostAuthentication": "PostAuthentication_Authentication",
    "PreTokenGeneration": "TokenGeneration_Authentication",
    "CustomMessage": "CustomMessage_SignUp",
}
"""What each trigger says of the moment, unless its caller says otherwise."""


class Triggers:
    """Calls the function that a pool has for a moment, if any."""

    def __init__(self, world: World) -> None:
        self._world = world

    def call(
        self,
        pool: UserPool,
        trigger: str,
        user: User,
        request: dict[str, Any],
        response: dict[str, Any],
        *,
        source: str | None = None,
        version: str = "1",
    ) -> Process[dict[str, Any] | AwsError]:
        """What the function made of ``response``; that itself where no function is asked."""
        function = pool.triggers.get(trigger)
        if function is None:
            return response
        event = {
            "version": version,
            "region": REGION,
            "userPoolId": pool.id,
            "userName": user.name,
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": user.client},
            "triggerSource": source or SOURCES[trigger],
            "request": request,
            "response": response,
        }
        for attempt in range(1, ATTEMPTS + 1):
            answer = yield from self._ask(pool, function, event)
            outcome = _read(trigger, answer)
            error = outcome.message if isinstance(outcome, AwsError) else None
            late = answer is None
            self._world.trace.record(PoolTriggerCalled(pool.name, trigger, function, user.name, attempt, late, error))
            again = late or (isinstance(answer, AwsError) and answer.code in TRIED_AGAIN)
            if not again or attempt == ATTEMPTS:
                return outcome
        raise AssertionError

    def _ask(self, pool: UserPool, function: str, event: dict[str, Any]) -> Process[Answer | AwsError | None]:
        """One attempt; None when five seconds have passed. The function goes on: nobody ends it."""
        kernel = self._world.kernel
        done, found = kernel.signal(), list[Answer | AwsError]()
        params = {"FunctionName": function, "Payload": json.dumps(event).encode()}
        request = Request(pool.caller, "lambda", "Invoke", params, f"cognito/{pool.name}")

        def call() -> Process[None]:
            found.append((yield from self._world.api.call(request)))
            done.fire()

        kernel.spawn(call())
        in_time = yield from kernel.wait_until(done, Micros(kernel.now + PATIENCE))
        return found[0] if in_time else None


def _read(trigger: str, answer: Answer | AwsError | None) -> dict[str, Any] | AwsError:
    """The response that a function gives, or Cognito's error. Texts as Cognito answers; assumption A-125."""
    if answer is None:
        text = f"{trigger} failed with error Socket timeout while invoking Lambda function."
        return AwsError("UserLambdaValidationException", text)
    if isinstance(answer, AwsError):
        return AwsError("UnexpectedLambdaException", f"{trigger} invocation failed due to error {answer.code}.")
    payload = answer.output.get("Payload", b"")
    text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload)
    try:
        document = read_json(text)
    except ValueError:
        document = None
    if "FunctionError" in answer.output:
        message = document.get("errorMessage", "") if isinstance(document, dict) else ""
        return AwsError("UserLambdaValidationException", f"{trigger} failed with error {message}.")
    response = document.get("response") if isinstance(document, dict) else None
    if not isinstance(response, dict):
        return AwsError("InvalidLambdaResponseException", "Unrecognizable lambda output")
    return response


def with_metadata(asked: dict[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """ClientMetadata reaches the function where a caller gives it."""
    return asked | ({"clientMetadata": dict(params["ClientMetadata"])} if params.get("ClientMetadata") else {})
