"""AWS::SNS::Topic and AWS::SNS::Subscription. Fact F.2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.account import World
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.sns import SnsService, Subscription, Topic
from lambdalab.simulator.services.sns.subscribing import KNOWN, read_subscription
from lambdalab.simulator.trace.facts import TopicDeployed
from lambdalab.simulator.vocabulary.errors import AwsError

TOPIC, SUBSCRIPTION = "AWS::SNS::Topic", "AWS::SNS::Subscription"
KNOWN_TOPIC = {
    "TopicName", "DisplayName", "Subscription", "Tags", "FifoTopic", "ContentBasedDeduplication",
    "FifoThroughputScope", "SignatureVersion",
}  # fmt: skip


def check_topic(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a topic."""
    problems, props = unknown_properties(template, resource, KNOWN_TOPIC), resource.properties
    if props.get("FifoTopic") and not template.name(resource).endswith(".fifo"):
        text = "Invalid parameter: Topic Name: the name of a FIFO topic must end with .fifo."
        problems.append(template.problem(resource, "TopicName", text, "Add .fifo to its TopicName."))
    for prop in ("ContentBasedDeduplication", "FifoThroughputScope"):
        if props.get(prop) and not props.get("FifoTopic"):
            text = f"Invalid parameter: {prop} is for FIFO topics."
            problems.append(template.problem(resource, prop, text, "Only FIFO topics have it."))
    if props.get("FifoThroughputScope") not in (None, "Topic", "MessageGroup"):
        text = "FifoThroughputScope must be Topic or MessageGroup."
        problems.append(template.problem(resource, "FifoThroughputScope", text))
    if str(props.get("SignatureVersion", "1")) not in ("1", "2"):
        problems.append(template.problem(resource, "SignatureVersion", "SignatureVersion must be 1 or 2."))
    listed = props.get("Subscription") or []
    if not isinstance(listed, list):
        return [*problems, template.problem(resource, "Subscription", "Subscription must be a list of subscriptions.")]
    for entry in listed:
        problems += _check_entry(template, resource, "Subscription", topic_of(template, resource), entry)
    return problems


def check_subscription(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a subscription written as a resource of its own."""
    wanted = str(resource.properties.get("TopicArn"))
    topic = next((made for each in template.of_type(TOPIC) if (made := topic_of(template, each)).arn == wanted), None)
    if topic is None:
        text = f"there is no topic {wanted} here."
        return [template.problem(resource, "TopicArn", text, "Name one with !Ref.")]
    return _check_entry(template, resource, "Protocol", topic, resource.properties)


def _check_entry(template: Template, resource: Resource, prop: str, topic: Topic, entry: Any) -> list[Problem]:
    if not isinstance(entry, dict) or not entry.get("Protocol") or not entry.get("Endpoint"):
        return [template.problem(resource, prop, "a subscription needs a Protocol and an Endpoint.")]
    problems = [
        template.problem(resource, name, f"{name} of a subscription has no effect in lambdalab yet.", "", "unsupported")
        for name in entry
        if name not in {"TopicArn", "Protocol", "Endpoint", *KNOWN}
    ]
    read = _read(topic, entry, 0)
    if isinstance(read, AwsError):
        severity = "unsupported" if read.code == "NotSimulated" else "error"
        problems.append(template.problem(resource, prop, read.message, "", severity))
    return problems


def deploy_topics(world: World, template: Template, sns: SnsService) -> None:
    """Create the template's topics and their subscriptions."""
    apart: list[dict[str, Any]] = [r.properties for r in template.of_type(SUBSCRIPTION)]
    for resource in template.of_type(TOPIC):
        topic = topic_of(template, resource)
        listed = resource.properties.get("Subscription") or []
        wanted = [*listed, *(each for each in apart if each.get("TopicArn") == topic.arn)]
        for number, entry in enumerate(wanted, 1):
            made = _read(topic, entry, number)
            if not isinstance(made, AwsError):  # the author has chosen to ignore what is not simulated
                topic.subscriptions.append(made)
        pairs = tuple((each.protocol, each.endpoint) for each in topic.subscriptions)
        world.trace.record(TopicDeployed(topic.name, template.shown_as(resource), topic.arn, pairs))
        sns.deploy(topic)


def topic_of(template: Template, resource: Resource) -> Topic:
    """The topic that a resource describes, without its subscriptions."""
    props = resource.properties
    return Topic(
        template.name(resource),
        fifo=bool(props.get("FifoTopic")),
        content_deduplication=bool(props.get("ContentBasedDeduplication")),
        group_scope=props.get("FifoThroughputScope") == "MessageGroup",
        display_name=str(props.get("DisplayName", "")),
        signature_version=str(props.get("SignatureVersion", "1")),
    )


def _read(topic: Topic, entry: Mapping[str, Any], number: int) -> Subscription | AwsError:
    attributes = {name: entry[name] for name in KNOWN if entry.get(name) is not None}
    return read_subscription(topic, str(entry["Protocol"]), str(entry["Endpoint"]), attributes, f"{topic.arn}:{number}")
