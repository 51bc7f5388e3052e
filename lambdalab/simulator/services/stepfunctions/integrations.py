"""What a Task asks for: a Lambda function by its ARN, an optimised integration, or any call of AWS's SDK.

Source: Step Functions Developer Guide, "Integrating services with Step Functions" and "Using AWS SDK service
integrations", read 2026-11. The names of services' errors: assumption A-123.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from botocore import xform_name

from lambdalab.simulator.account import Answer, models
from lambdalab.simulator.services.stepfunctions.data import UNREADABLE, loaded
from lambdalab.simulator.services.stepfunctions.language.errors import RUNTIME, StateError
from lambdalab.simulator.vocabulary.errors import AwsError

OPTIMISED = {
    "lambda:invoke": ("lambda", "Invoke"),
    "sqs:sendMessage": ("sqs", "SendMessage"),
    "sns:publish": ("sns", "Publish"),
    "dynamodb:putItem": ("dynamodb", "PutItem"),
    "dynamodb:getItem": ("dynamodb", "GetItem"),
    "dynamodb:updateItem": ("dynamodb", "UpdateItem"),
    "dynamodb:deleteItem": ("dynamodb", "DeleteItem"),
    "events:putEvents": ("events", "PutEvents"),
    "states:startExecution": ("stepfunctions", "StartExecution"),
}
CALLABLE_BACK = ("lambda", "sqs", "sns", "events", "stepfunctions")  # with .waitForTaskToken, by the same guide
SDK_NAMES = {"sfn": "stepfunctions", "eventbridge": "events", "cognitoidentityprovider": "cognito-idp"}
ERROR_PREFIX = {
    "lambda": "Lambda", "sqs": "SQS", "sns": "SNS", "dynamodb": "DynamoDB", "events": "EventBridge",
    "stepfunctions": "StepFunctions",
}  # fmt: skip
TEXTS = {("sqs", "SendMessage"): ("MessageBody",), ("sns", "Publish"): ("Message",), ("lambda", "Invoke"): ("Payload",),
         ("stepfunctions", "StartExecution"): ("input",)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Integration:
    """A resource of a Task, read. ``kind``: a function's own ARN, an optimised integration, or AWS's SDK."""

    kind: Literal["function", "optimised", "sdk"]
    service: str
    operation: str
    function: str = ""
    by_token: bool = False
    resource: str = ""  # as the history shows it: invoke, sendMessage.waitForTaskToken
    known_as: str = ""  # the service, as error names begin


def integration_of(resource: str) -> Integration | str:
    """Read the Resource of a Task, or say why it cannot be one."""
    parts = resource.split(":")
    if len(parts) >= 7 and parts[2] == "lambda" and parts[5] == "function":
        return Integration("function", "lambda", "Invoke", function=resource, resource=resource, known_as="Lambda")
    if not resource.startswith("arn:aws:states:::"):
        return f"the resource {resource} is neither a function nor an integration."
    name = resource.removeprefix("arn:aws:states:::")
    bare, _, pattern = name.partition(".")
    if pattern not in ("", "waitForTaskToken"):
        return f"the integration pattern .{pattern} has no effect in lambdalab yet."
    if bare.startswith("aws-sdk:"):
        return _of_sdk(bare, by_token=bool(pattern))
    if bare not in OPTIMISED:
        return f"the integration {bare} has no effect in lambdalab yet."
    service, operation = OPTIMISED[bare]
    if pattern and service not in CALLABLE_BACK:
        return f"{bare} cannot wait for a task token."
    shown = name.partition(":")[2]
    return Integration("optimised", service, operation, "", bool(pattern), shown, ERROR_PREFIX[service])


def _of_sdk(bare: str, *, by_token: bool) -> Integration | str:
    parts = bare.split(":")
    if len(parts) != 3:
        return f"{bare} is not aws-sdk:SERVICE:apiAction."
    service = SDK_NAMES.get(parts[1], parts[1])
    try:
        known = models.operations(service)
    except KeyError:
        return f"there is no service {parts[1]} in AWS's SDK."
    operation = parts[2][:1].upper() + parts[2][1:]
    if xform_name(operation) not in known:
        return f"{parts[1]} has no action {parts[2]}."
    return Integration("sdk", service, operation, "", by_token, parts[2], parts[1][:1].upper() + parts[1][1:])


def parameters_of(task: Integration, given: Any) -> dict[str, Any]:
    """What goes through the front door. Raises :class:`StateError` where an integration takes an object."""
    if task.kind == "function":
        return {"FunctionName": task.function, "Payload": json.dumps(given).encode()}
    if not isinstance(given, dict):
        raise StateError(RUNTIME, "The Parameters field must be an object for this integration.")
    members = set(models.members_of(task.service, task.operation))
    params = {_member(name, members): value for name, value in given.items()}
    for name in TEXTS.get((task.service, task.operation), ()):
        value = params.get(name)
        if name in params and not (isinstance(value, str) and name != "Payload"):
            params[name] = json.dumps(value)
    if "Payload" in params and task.service == "lambda":
        params["Payload"] = params["Payload"].encode()
    if task.service == "events":
        params["Entries"] = [_entry(each) for each in params.get("Entries", [])]
    return params


def _member(name: str, members: set[str]) -> str:
    """Parameters begin with a capital in definitions, whatever the API's own members do."""
    small = name[:1].lower() + name[1:]
    return small if name not in members and small in members else name


def _entry(entry: Any) -> Any:
    if not isinstance(entry, Mapping) or isinstance(entry.get("Detail", ""), str):
        return entry
    return {**entry, "Detail": json.dumps(entry["Detail"])}


def result_of(task: Integration, answer: Answer | AwsError) -> Any:
    """What a Task gets. Raises :class:`StateError` as Step Functions names the failure."""
    if isinstance(answer, AwsError):
        raise _refused(task, answer)
    if task.service == "lambda" and task.operation == "Invoke":
        return _invoked(task, answer)
    output = {name: value for name, value in answer.output.items() if name != "ResponseMetadata"}
    if task.service == "events" and output.get("FailedEntryCount"):
        raise StateError("EventBridge.FailedEntry", json.dumps(output))
    plain = json.loads(json.dumps(output, default=_plain))
    return plain if task.kind == "sdk" else plain | _metadata(answer)


def _invoked(task: Integration, answer: Answer) -> Any:
    text = answer.output.get("Payload", b"")
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    if "FunctionError" in answer.output:
        raise _function_failed(text)
    payload = loaded(text) if text else None
    payload = text if payload is UNREADABLE else payload
    if task.kind == "function":
        return payload
    version = answer.output.get("ExecutedVersion")
    known = {"StatusCode": answer.status} | ({"ExecutedVersion": version, "Payload": payload} if version else {})
    return known | _metadata(answer)


def _function_failed(text: str) -> StateError:
    """A function's own error bears the name of its exception; without one it is unknown."""
    document = loaded(text)
    name = document.get("errorType") if isinstance(document, dict) else None
    return StateError(str(name) if name else "Lambda.Unknown", text)


def _refused(task: Integration, error: AwsError) -> StateError:
    code, prefix = error.code, task.known_as
    if task.service == "lambda":
        if code in ("AccessDeniedException", "ValidationException"):
            code = "AWSLambdaException"
        elif error.status >= 500 and code != "ServiceException":
            code = "ServiceException"
    suffix = "" if code.endswith(("Exception", "Failure", "Exceeded")) else "Exception"
    return StateError(f"{prefix}.{code}{suffix}", f"{error.message} (Service: {prefix}, Status Code: {error.status})")


def _metadata(answer: Answer) -> dict[str, Any]:
    request_id = str(answer.output.get("ResponseMetadata", {}).get("RequestId", ""))
    return {
        "SdkHttpMetadata": {"HttpStatusCode": answer.status},
        "SdkResponseMetadata": {"RequestId": request_id} if request_id else {},
    }


def _plain(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
