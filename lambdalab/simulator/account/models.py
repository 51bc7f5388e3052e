"""botocore's own service models: which operations exist, what their parameters are, what their errors look like."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import botocore.session
import botocore.validate
from botocore import xform_name

from lambdalab.simulator.vocabulary.errors import AwsError, validation_error


@lru_cache(maxsize=1)
def _session() -> Any:
    return botocore.session.Session()


@lru_cache(maxsize=64)
def service_model(service: str) -> Any:
    """The service model of a boto3 client name (``sqs``). Raises ``KeyError`` for a service that does not exist."""
    try:
        return _session().get_service_model(service)
    except Exception as error:
        raise KeyError(service) from error


@lru_cache(maxsize=64)
def operations(service: str) -> dict[str, str]:
    """boto3's method names and the API operations behind them: ``{"send_message": "SendMessage"}``."""
    return {xform_name(name): name for name in service_model(service).operation_names}


@lru_cache(maxsize=1024)
def _input_shape(service: str, operation: str) -> Any:
    return service_model(service).operation_model(operation).input_shape


def invalid_parameters(service: str, operation: str, params: dict[str, Any]) -> AwsError | None:
    """What botocore would refuse before sending: missing, unknown or mistyped parameters, with its own words."""
    shape = _input_shape(service, operation)
    if shape is None:
        return None if not params else validation_error(f"{operation} takes no parameters")
    report = botocore.validate.ParamValidator().validate(params, shape)
    if not report.has_errors():
        return None
    return validation_error(f"Parameter validation failed:\n{report.generate_report()}")


def error_status(service: str, code: str) -> int:
    """The HTTP status of an error code, from the model; 500 for the names of AWS's own failures, else 400."""
    for shape in service_model(service).error_shapes:
        if code in (shape.name, shape.metadata.get("error", {}).get("code")):
            status = shape.metadata.get("error", {}).get("httpStatusCode")
            if status:
                return int(status)
    if code in ("ServiceUnavailable", "SlowDown"):
        return 503
    return 500 if code.startswith(("Internal", "Service")) else 400
