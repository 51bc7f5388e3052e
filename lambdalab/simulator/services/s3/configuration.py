"""Whom a bucket tells of what: the configurations of its notifications, read and checked. Fact F.1.

Source: Amazon S3 User Guide, "Configuring event notifications using object key name filtering" and "Event notification
types and destinations", read 2026-04; AWS's own texts as people quote them in bug reports, 2016 to 2024.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from urllib.parse import unquote_plus

from lambdalab.simulator.account import service_principal
from lambdalab.simulator.account.iam import Authority
from lambdalab.simulator.services.s3.names import bucket_arn
from lambdalab.simulator.vocabulary.errors import AwsError

EVENTS = {  # event types that exist, and those that happen here
    "s3:ObjectCreated": ("*", "Put", "Post", "Copy", "CompleteMultipartUpload"),
    "s3:ObjectRemoved": ("*", "Delete", "DeleteMarkerCreated"),
    "s3:ObjectTagging": ("*", "Put", "Delete"),
}
EVENTS_NEVER = {  # accepted: nothing here ever makes them happen
    "s3:ObjectRestore", "s3:ReducedRedundancyLostObject", "s3:Replication", "s3:LifecycleExpiration",
    "s3:LifecycleTransition", "s3:IntelligentTiering", "s3:ObjectAcl", "s3:ObjectAnnotation", "s3:ObjectRetention",
}  # fmt: skip
KINDS = (  # the list, the target's member, and the service behind it
    ("LambdaFunctionConfigurations", "LambdaFunctionArn", "lambda", "lambda:InvokeFunction"),
    ("QueueConfigurations", "QueueArn", "sqs", "sqs:SendMessage"),
    ("TopicConfigurations", "TopicArn", "sns", "sns:Publish"),
)
CONFIGURATIONS_MAX = 100  # of a bucket. User Guide, the same page
UNABLE = "Unable to validate the following destination configurations"
OVERLAP = "Configurations overlap. Configurations on the same bucket cannot share a common event type."
AMBIGUOUS = (
    "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are "
    "overlapping for the same event type."
)


@dataclass(frozen=True, slots=True)
class Notification:
    """One configuration: tell ``target`` (an ARN) of these event types, of keys with this prefix and suffix."""

    id: str
    target: str
    events: tuple[str, ...]
    prefix: str = ""
    suffix: str = ""

    def wants(self, event: str, key: str) -> bool:
        """Whether it tells of ``event`` (``s3:ObjectCreated:Put``) of ``key``. Filters may be URL-encoded (A-52)."""
        if not any(_covers(each, event) for each in self.events):
            return False
        begins = key.startswith((self.prefix, unquote_plus(self.prefix)))
        return begins and key.endswith((self.suffix, unquote_plus(self.suffix)))


def read_notifications(document: Mapping[str, Any], new_id: Any) -> tuple[Notification, ...] | AwsError:
    """The configurations of a NotificationConfiguration as botocore shapes it, or AWS's refusal.

    ``new_id`` makes the id of one that has none.
    """
    found = []
    for name, member, *_ in KINDS:
        for entry in document.get(name, ()):
            rules = entry.get("Filter", {}).get("Key", {}).get("FilterRules", ())
            made = _filters(rules)
            if isinstance(made, AwsError):
                return made
            found.append(Notification(entry.get("Id") or new_id(), entry[member], tuple(entry["Events"]), *made))
    wrong = next((event for each in found for event in each.events if not _exists(event)), None)
    if wrong is not None:
        return _invalid("The event is not supported for notifications")
    if len(found) > CONFIGURATIONS_MAX:
        return _invalid(f"The number of notification configurations must not exceed {CONFIGURATIONS_MAX}")
    return overlapping(found) or tuple(found)


def _filters(rules: Iterable[Mapping[str, Any]]) -> tuple[str, str] | AwsError:
    named: dict[str, str] = {}
    for rule in rules:
        name = str(rule.get("Name", "")).lower()
        if name not in ("prefix", "suffix"):
            return _invalid("filter rule name must be either prefix or suffix")
        if name in named:
            return _invalid(f"Cannot specify more than one {name} rule in a filter.")
        named[name] = str(rule.get("Value", ""))
        if "*" in named[name]:  # a star would stand for itself, which nobody means: fact F.1 has it refused
            text = f"Wildcards cannot be used in filters: {name} {named[name]}"
            return _invalid(text)
    return named.get("prefix", ""), named.get("suffix", "")


def overlapping(notifications: Iterable[Notification]) -> AwsError | None:
    """AWS's refusal when two configurations could tell of the same event of the same object."""
    for one, other in combinations(notifications, 2):
        shared = any(_covers(a, b) or _covers(b, a) for a in one.events for b in other.events)
        if not (shared and _meet(one.prefix, other.prefix) and _meet(one.suffix[::-1], other.suffix[::-1])):
            continue
        filtered = any((one.prefix, one.suffix, other.prefix, other.suffix))
        return _invalid(AMBIGUOUS if filtered else OVERLAP)
    return None


def refused_target(authority: Authority, bucket: str, notification: Notification) -> str | None:
    """Why S3 may not tell ``notification.target``; None when it may. S3 asks when the bucket is configured.

    FIFO queues and topics are no targets (fact 22).
    """
    service = notification.target.split(":")[2] if notification.target.count(":") >= 5 else ""
    action = next((action for *_, name, action in KINDS if name == service), None)
    if action is None or notification.target.endswith(".fifo"):
        return f"{notification.target} is no function, standard queue or standard topic"
    refusal = authority.denied(service_principal("s3.amazonaws.com", bucket_arn(bucket)), action, notification.target)
    return refusal.why if refusal else None


def shown(notifications: Iterable[Notification]) -> Iterator[tuple[str, str]]:
    """(event types, target) of each, as facts carry them."""
    return ((", ".join(each.events), each.target) for each in notifications)


def document_of(notifications: Iterable[Notification]) -> dict[str, Any]:
    """What GetBucketNotificationConfiguration answers."""
    lists: dict[str, list[dict[str, Any]]] = {}
    for each in notifications:
        name, member = next(
            (name, member) for name, member, service, _ in KINDS if service == each.target.split(":")[2]
        )
        entry: dict[str, Any] = {"Id": each.id, member: each.target, "Events": list(each.events)}
        ends = (("Prefix", each.prefix), ("Suffix", each.suffix))
        rules = [{"Name": name, "Value": value} for name, value in ends if value]
        lists.setdefault(name, []).append(entry | ({"Filter": {"Key": {"FilterRules": rules}}} if rules else {}))
    return lists


def _exists(event: str) -> bool:
    family, _, name = event.rpartition(":")
    if family in EVENTS:
        return name in EVENTS[family]
    return family in EVENTS_NEVER or event in EVENTS_NEVER


def _covers(wanted: str, event: str) -> bool:
    return wanted == event or (wanted.endswith(":*") and event.startswith(wanted[:-1]))


def _meet(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidArgument", text, 400)
