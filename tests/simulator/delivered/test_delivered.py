"""What functions are invoked with parses with the models of AWS's own library, whatever was sent."""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator
from typing import Any

import aws_lambda_powertools.utilities.parser.models as powertools
import pytest
from hypothesis import given, settings
from pydantic import BaseModel, ValidationError

from tests.simulator.delivered import batches, clocks, messages, objects, requests, users
from tests.simulator.delivered.contents import CONTENTS, EXAMPLES, Content
from tests.simulator.delivered.misread import MISREAD
from tests.simulator.vocabulary.events.test_parsing import MODELS, parse

DELIVERIES = {
    **messages.DELIVERIES,
    **objects.DELIVERIES,
    **batches.DELIVERIES,
    **clocks.DELIVERIES,
    **requests.DELIVERIES,
    **users.DELIVERIES,
}
# Models of events that nobody sends here, neither in a run nor as a sample, and why.
NOT_HERE = {
    "AppSyncResolverEventModel": "AppSync is not in the course",
    "AppSyncEventsModel": "AppSync is not in the course",
    "BedrockAgentEventModel": "Bedrock is not in the course",
    "BedrockAgentFunctionEventModel": "Bedrock is not in the course",
    "CognitoCustomEmailSenderTriggerModel": "codes encrypted for a sender of one's own are not simulated",
    "CognitoCustomSMSSenderTriggerModel": "codes encrypted for a sender of one's own are not simulated",
    "KinesisFirehoseSqsModel": "no queue feeds a delivery stream here: EventBridge Pipes are not in the course",
    "TransferFamilyAuthorizer": "Transfer Family is not in the course",
    "VpcLatticeModel": "VPC Lattice is not in the course",
    "VpcLatticeV2Model": "VPC Lattice is not in the course",
    "IoTCoreAddOrDeleteFromThingGroupEvent": "of the registry of IoT the course shows things only",
    "IoTCoreAddOrRemoveFromThingGroupEvent": "of the registry of IoT the course shows things only",
    "IoTCoreThingGroupEvent": "of the registry of IoT the course shows things only",
    "IoTCoreThingTypeAssociationEvent": "of the registry of IoT the course shows things only",
    "IoTCoreThingTypeEvent": "of the registry of IoT the course shows things only",
}
# Events that the course shows (`lambdalab event`), of services that do not run here: held to the model as samples.
SAMPLES_ONLY = {
    "APIGatewayWebSocketConnectEventModel", "APIGatewayWebSocketMessageEventModel",
    "APIGatewayWebSocketDisconnectEventModel", "CognitoMigrateUserTriggerModel",
    "CognitoDefineAuthChallengeTriggerModel", "CognitoCreateAuthChallengeTriggerModel",
    "CognitoVerifyAuthChallengeTriggerModel", "IoTCoreThingEvent", "KafkaMskEventModel", "KafkaSelfManagedEventModel",
    "S3ObjectLambdaEvent", "SesModel",
}  # fmt: skip


def check(name: str, content: Content) -> None:
    delivery = DELIVERIES[name]
    events = delivery.of(content)
    assert len(events) >= delivery.least
    for event in events:
        parse(delivery.model, MISREAD[name].aside(event) if name in MISREAD else event)


@pytest.mark.parametrize("content", EXAMPLES)
@pytest.mark.parametrize("name", DELIVERIES)
def test_what_is_delivered_parses(name: str, content: str) -> None:
    check(name, EXAMPLES[content])


@pytest.mark.parametrize("name", DELIVERIES)
@settings(max_examples=3)
@given(content=CONTENTS)
def test_what_is_delivered_parses_whatever_is_in_it(name: str, content: Content) -> None:
    check(name, content)


@pytest.mark.parametrize("name", MISREAD)
def test_what_the_library_misreads_it_still_misreads(name: str) -> None:
    delivery, complaints = DELIVERIES[name], []
    for event in delivery.of(EXAMPLES["JSON"]):
        try:
            parse(delivery.model, event)
        except ValidationError as refused:
            complaints += [each["msg"] for each in refused.errors()]
    assert complaints
    assert all(MISREAD[name].says in each for each in complaints)


def models() -> set[type[BaseModel]]:
    """All models of the library, those that it does not export included."""
    found: set[type[BaseModel]] = set()
    for module in pkgutil.iter_modules(powertools.__path__):
        members = vars(importlib.import_module(f"{powertools.__name__}.{module.name}")).values()
        found |= {each for each in members if inspect.isclass(each) and issubclass(each, BaseModel)} - {BaseModel}
    return {each for each in found if each.__module__.startswith(powertools.__name__)}


def parts_of(annotation: Any) -> Iterator[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from parts_of(inner)


def whole_events() -> set[str]:
    """The models that are no part of another and no base of others only."""
    every = models()
    parts = {part for model in every for each in model.model_fields.values() for part in parts_of(each.annotation)}
    bases = {base for model in every for base in model.__mro__[1:]}
    return {model.__name__ for model in every - parts - bases}


def test_every_model_of_the_library_has_an_event_here_or_a_reason() -> None:
    delivered = {delivery.model for delivery in DELIVERIES.values()}
    sampled = {name.rpartition(".")[2] for name in MODELS.values()}
    assert len(whole_events()) > 40
    assert whole_events() - delivered - SAMPLES_ONLY - NOT_HERE.keys() == set()
    assert sampled >= SAMPLES_ONLY
    assert (SAMPLES_ONLY | NOT_HERE.keys()) & delivered == set()  # what is delivered by now needs no excuse
    assert (SAMPLES_ONLY | NOT_HERE.keys()) <= whole_events()


def test_every_sample_with_a_model_is_delivered_in_a_run_too() -> None:
    delivered = {delivery.model for delivery in DELIVERIES.values()}
    assert {name.rpartition(".")[2] for name in MODELS.values()} - delivered == SAMPLES_ONLY
