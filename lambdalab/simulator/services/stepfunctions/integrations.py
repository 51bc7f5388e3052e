"""What a Task asks for: a Lambda function by its ARN, an optimised integration, or any call of AWS's SDK.

Source: Step Functions Developer Guide, "Integrating services with Step Functions" and "Using AWS SDK service
integrations", read 2026-11. The names of services' errors: recordings of 2023 (LocalStack's), assumption A-123.
"""

from __future__ import annotations

import datetime as dt
import json
import re
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
SDK_NAMES = {
    "sfn": "stepfunctions", "eventbridge": "events", "cognitoidentityprovider": "cognito-idp", "cloudwatchlogs": "logs",
    "applicationautoscaling": "application-autoscaling", "elasticloadbalancingv2": "elbv2",
}  # fmt: skip
KNOWN_AS = {
    "lambda": ("Lambda", "AWSLambda"), "sqs": ("SQS", "AmazonSQS"), "sns": ("SNS", "AmazonSNS"),
    "dynamodb": ("DynamoDB", "AmazonDynamoDB"), "events": ("EventBridge", "AmazonEventBridge"),
    "stepfunctions": ("StepFunctions", "AWSStepFunctions"),
}  # fmt: skip
"""How names of errors begin, and what the service is called in AWS's first SDK for Java, which optimised integrations
use."""
OLD_CODES = {"AWS.SimpleQueueService.NonExistentQueue": "QueueDoesNotExist"}  # SQS keeps the codes of its old protocol
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
    exception: str = ""  # what an error is called that the service's model does not name


def integration_of(resource: str) -> Integration | str:
    """Read the Resource of a Task, or say why it cannot be one."""
    parts = resource.split(":")
    if len(parts) >= 7 and parts[2] == "lambda" and parts[5] == "function":
        return _optimised("function", "lambda", "Invoke", resource, function=resource)
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
    return _optimised("optimised", service, operation, shown, by_token=bool(pattern))


def _optimised(
    kind: Literal["function", "optimised"],
    service: str,
    operation: str,
    shown: str,
    *,
    function: str = "",
    by_token: bool = False,
) -> Integration:
    prefix, name = KNOWN_AS[service]
    return Integration(kind, service, operation, function, by_token, shown, prefix, f"{name}Exception")


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
    name = _java_name(models.service_model(service).service_id)
    return Integration("sdk", service, operation, "", by_token, parts[2], name, f"{name}Exception")


def _java_name(service_id: str) -> str:
    """What AWS's second SDK for Java calls a service: DynamoDb, CloudWatchLogs. Recorded in 2023-06 and 2026-09."""
    words = re.findall(r"[A-Za-z0-9]+", service_id)
    return "".join(re.sub(r"[A-Z]+(?![a-z])", lambda found: found[0].capitalize(), word) for word in words)


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
    if task.service == "events" and isinstance(params.get("Entries"), list):
        params["Entries"] = [_entry(each) for each in params["Entries"]]
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
    shape = models.output_shape(task.service, task.operation)
    plain = json.loads(json.dumps(_capitalised(shape, output), default=_plain))
    return plain if task.kind == "sdk" else plain | _metadata(answer)


def _capitalised(shape: Any, value: Any) -> Any:
    """An answer with members as the guide has them: beginning with a capital. Keys of maps stay as they are."""
    kind = getattr(shape, "type_name", "")
    if kind == "structure" and isinstance(value, dict):
        return {
            name[:1].upper() + name[1:]: _capitalised(shape.members.get(name), each) for name, each in value.items()
        }
    if kind == "list" and isinstance(value, list):
        return [_capitalised(shape.member, each) for each in value]
    if kind == "map" and isinstance(value, dict):
        return {name: _capitalised(shape.value, each) for name, each in value.items()}
    return value


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
    """A function's own error bears the name of its exception; without one it is unknown. Text as recorded, 2025-01."""
    document = loaded(text)
    name = document.get("errorType") if isinstance(document, dict) else None
    if name:
        return StateError(str(name), text)
    why = "The cause could not be determined because Lambda did not return an error type."
    return StateError("Lambda.Unknown", f"{why} Returned payload: {text}")


def _refused(task: Integration, error: AwsError) -> StateError:
    """An error of a service: by its own name if the service's model has it, else by that of the service's exception."""
    shapes = models.service_model(task.service).error_shapes
    known = {shape.metadata.get("error", {}).get("code", shape.name): shape.name for shape in shapes}
    known |= {shape.name: shape.name for shape in shapes}
    shape = known.get(OLD_CODES.get(error.code, error.code.removeprefix("AWS.SimpleQueueService.")))
    name = task.exception if shape is None else re.sub(r"(Exception|Fault)?$", "Exception", shape, count=1)
    if task.kind == "sdk":
        cause = f"{error.message} (Service: {task.known_as}, Status Code: {error.status})"
    else:
        service = task.exception.removesuffix("Exception")
        cause = f"{error.message} (Service: {service}; Status Code: {error.status}; Error Code: {error.code})"
    return StateError(f"{task.known_as}.{name}", cause)


def _metadata(answer: Answer) -> dict[str, Any]:
    request_id = str(answer.output.get("ResponseMetadata", {}).get("RequestId", ""))
    return {
        "SdkHttpMetadata": {"HttpStatusCode": answer.status},
        "SdkResponseMetadata": {"RequestId": request_id} if request_id else {},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
