"""Every trigger of the course with a sample event, by the name that ``lambdalab event`` takes."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from lambdalab.simulator.vocabulary.events import (
    assistants,
    brokers,
    cloudformation,
    cloudwatch,
    cognito,
    developer,
    edge,
    eventbridge,
    http,
    lambda_,
    others,
    s3,
    sns,
    sqs,
    streams,
)
from lambdalab.simulator.vocabulary.events.plain import written
from lambdalab.simulator.vocabulary.events.setting import UnknownField, fields_of, set_field

Invocation = Literal["synchronous", "asynchronous", "polled"]


@dataclass(frozen=True, slots=True)
class Source:
    """A trigger: its name, how Lambda is invoked, a sample of its event in plain, and what keeps the sample whole."""

    name: str
    invocation: Invocation
    make: Callable[[], dict[str, Any]]
    finish: Callable[[dict[str, Any]], None] | None = None

    @property
    def says(self) -> str:
        """One sentence."""
        return " ".join((self.make.__doc__ or "").split())


def _sources() -> Iterator[Source]:
    for name, make in {
        "s3-put": s3.put,
        "s3-copy": s3.copy,
        "s3-multipart": s3.multipart,
        "s3-delete": s3.delete,
        "s3-delete-marker": s3.delete_marker,
        "s3-test": s3.test,
        "sns": sns.topic,
        "eventbridge": eventbridge.custom,
        "schedule": eventbridge.schedule,
        "scheduler": eventbridge.scheduler,
        "eventbridge-s3": eventbridge.object_created,
        "eventbridge-ec2": eventbridge.instance_state,
        "eventbridge-codepipeline": eventbridge.pipeline_state,
        "eventbridge-alarm": eventbridge.alarm_state,
        "eventbridge-lambda": eventbridge.invocation_result,
        "destination-success": lambda_.success,
        "destination-failure": lambda_.failure,
        "cloudwatch-logs": cloudwatch.logs,
        "cloudwatch-alarm": cloudwatch.alarm,
        "codepipeline": developer.pipeline_job,
        "codecommit": developer.repository_trigger,
        "codedeploy-hook": developer.deployment_hook,
        "cloudformation-create": cloudformation.create,
        "cloudformation-update": cloudformation.update,
        "cloudformation-delete": cloudformation.delete,
        "config": developer.config_change,
        "config-schedule": developer.config_schedule,
        "iot": assistants.iot,
        "iot-thing": assistants.iot_thing,
        "ses": others.mail,
    }.items():
        yield Source(name, "asynchronous", make)
    for name, make in {
        "alb": http.alb,
        "alb-multi-value": http.alb_multi,
        "apigateway": http.rest,
        "http-api": http.http_api,
        "function-url": http.function_url,
        "websocket-connect": http.socket_connect,
        "websocket-message": http.socket_message,
        "websocket-disconnect": http.socket_disconnect,
        "authorizer-token": http.token_authorizer,
        "authorizer-request": http.request_authorizer,
        "authorizer-http-api": http.http_api_authorizer,
        "cloudfront-viewer-request": edge.viewer_request,
        "cloudfront-origin-request": edge.origin_request,
        "cloudfront-origin-response": edge.origin_response,
        "cloudfront-viewer-response": edge.viewer_response,
        "cognito-pre-sign-up": cognito.pre_sign_up,
        "cognito-post-confirmation": cognito.post_confirmation,
        "cognito-pre-authentication": cognito.pre_authentication,
        "cognito-post-authentication": cognito.post_authentication,
        "cognito-pre-token": cognito.pre_token,
        "cognito-pre-token-v2": cognito.pre_token_v2,
        "cognito-migrate-user": cognito.migrate_user,
        "cognito-custom-message": cognito.custom_message,
        "cognito-define-challenge": cognito.define_challenge,
        "cognito-create-challenge": cognito.create_challenge,
        "cognito-verify-challenge": cognito.verify_challenge,
        "cognito-sync": cognito.sync,
        "lex": assistants.lex,
        "alexa": assistants.alexa,
        "alexa-smart-home": assistants.alexa_home,
        "firehose": streams.firehose,
        "s3-batch": s3.batch,
        "s3-object-lambda": s3.object_lambda,
        "step-functions": others.task,
        "step-functions-token": others.task_with_token,
    }.items():
        yield Source(name, "synchronous", make)
    for name, make in {
        "sqs": sqs.standard,
        "sqs-fifo": sqs.fifo,
        "sqs-sns": sqs.from_topic,
        "sqs-s3": sqs.from_bucket,
        "kinesis": streams.kinesis,
        "kinesis-window": streams.tumbling_window,
        "dynamodb": streams.table_modify,
        "dynamodb-insert": streams.table_insert,
        "dynamodb-remove": streams.table_remove,
        "dynamodb-expiry": streams.table_expiry,
        "msk": brokers.msk,
        "kafka": brokers.kafka,
        "activemq": brokers.active_mq,
        "rabbitmq": brokers.rabbit_mq,
        "documentdb": brokers.document_db,
    }.items():
        yield Source(name, "polled", make, sqs.finish if name.startswith("sqs") else None)


SOURCES: dict[str, Source] = {source.name: source for source in _sources()}
ALIASES = {
    "s3": "s3-put",
    "rest-api": "apigateway",
    "apigateway-v1": "apigateway",
    "apigateway-v2": "http-api",
    "cloudformation": "cloudformation-create",
    "cloudfront": "cloudfront-viewer-request",
    "websocket": "websocket-message",
}


class UnknownSource(ValueError):
    """There is no trigger of that name. The message is one sentence with the nearest."""


def source_named(name: str) -> Source:
    """The trigger of that name. Raises :class:`UnknownSource`."""
    found = SOURCES.get(ALIASES.get(name, name))
    if found is None:
        near = difflib.get_close_matches(name, [*SOURCES, *ALIASES], 1)
        hint = f"Did you mean {near[0]}?" if near else "lambdalab event --list names them all."
        raise UnknownSource(f"there is no event source {name}. {hint}")
    return found


def event_of(source: Source, settings: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    """A sample event as AWS sends it, with some fields set, each by its path. The same again, byte for byte.

    Raises :class:`UnknownField` for a path that leads nowhere and for a value of the wrong kind.
    """
    sample = source.make()
    for path, text in settings:
        set_field(sample, path, text)
    if source.finish is not None:
        try:
            source.finish(sample)
        except (KeyError, TypeError, AttributeError):  # what was set whole has lost its shape
            raise UnknownField(f"the records of {source.name} are no records any more.") from None
    event: dict[str, Any] = written(sample)
    return event


def paths_of(source: Source) -> list[tuple[str, Any]]:
    """Every field that can be set, with its value in plain. What AWS encodes is given as it is before."""
    return list(fields_of(source.make()))
