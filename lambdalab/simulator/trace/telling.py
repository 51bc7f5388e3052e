"""Sentences about versions, aliases, updates and other changes of configuration."""

from __future__ import annotations

from lambdalab.simulator.trace import facts as f

Change = (
    f.AliasChanged
    | f.AliasDeleted
    | f.FunctionUpdated
    | f.FunctionUpdateStarted
    | f.HardwareConfigured
    | f.VersionDeleted
    | f.VersionPublished
)


def change(fact: Change, name: str) -> str:
    """The sentence; ``name`` is what people call the function."""
    match fact:
        case f.VersionPublished():
            return f"Version {fact.version} of {name} is published: its code and configuration never change again."
        case f.VersionDeleted():
            return f"Version {fact.version} of {name} is deleted."
        case f.AliasChanged():
            return f"The alias {fact.alias} of {name} leads to version {fact.version}{_share(fact)}."
        case f.AliasDeleted():
            return f"The alias {fact.alias} of {name} is deleted."
        case f.FunctionUpdateStarted():
            return f"$LATEST of {name} gets new {fact.what}; until that is ready, the old one serves."
        case f.FunctionUpdated():
            return f"$LATEST of {name} has its new code and configuration; its next environments start cold."
        case f.HardwareConfigured():
            return f"{name} has {fact.ephemeral_mb:,} MB of ephemeral storage, and runs on {fact.architecture}."


def _share(fact: f.AliasChanged) -> str:
    if fact.additional is None:
        return ""
    return f", and for {fact.weight * 100:g} % of the invocations to version {fact.additional}"


def layers(fact: f.LayerPublished | f.LayerDeleted | f.LayersConfigured, name: str) -> str:
    """The sentence about a layer; ``name`` is what people call the function that it concerns."""
    match fact:
        case f.LayerPublished():
            return f"Version {fact.version} of the layer {fact.layer} is published: {fact.bytes:,} bytes for /opt."
        case f.LayerDeleted():
            return f"Version {fact.version} of the layer {fact.layer} is deleted; functions that use it keep it."
        case f.LayersConfigured():
            if not fact.layers:
                return f"{name} has no layers any more."
            shown = ", then ".join(":".join(arn.split(":")[-2:]) for arn in fact.layers)
            return f"{name} has layers in /opt: {shown}. The last one that has a file wins."


Stack = (
    f.StackCreateEnded
    | f.StackUpdateStarted
    | f.StackResourceChanged
    | f.StackUpdateEnded
    | f.CustomResourceRequested
    | f.CustomResourceAnswered
)


def stack(fact: Stack) -> str:
    """The sentence about the stack, or one of its custom resources."""
    match fact:
        case f.StackCreateEnded():
            if fact.status == "CREATE_COMPLETE":
                return "The stack is complete: CREATE_COMPLETE."
            gone = " Everything that it had made is deleted." if fact.status == "ROLLBACK_COMPLETE" else ""
            return f"The stack could not be created: {fact.status}. {_said(fact.reason)}{gone}"
        case f.CustomResourceRequested():
            return f"CloudFormation asks a function to {fact.request_type.lower()} {fact.resource}, and waits."
        case f.CustomResourceAnswered():
            asked = fact.request_type.lower()
            if fact.status == "SUCCESS":
                return f"The custom resource {fact.resource} is {asked}d: {_said(fact.physical_id)}."
            return f"The request to {asked} {fact.resource} failed: {_said(fact.reason)}"
        case f.StackUpdateStarted():
            return f"The stack is being updated: {', '.join(fact.resources) or 'nothing in it'}."
        case f.StackResourceChanged():
            if fact.action == "failed":
                return f"{fact.resource} ({fact.type}) could not be changed: {_said(fact.reason)}"
            return f"{fact.resource} ({fact.type}) is {fact.action}: {fact.name}."
        case f.StackUpdateEnded():
            return f"The update of the stack is over: {fact.status}." + (f" {fact.reason}" if fact.reason else "")


def _said(text: str | None) -> str:
    """What somebody else has written, in one line."""
    return " ".join((text or "nobody said why").split())


Rollout = f.AlarmChanged | f.DeploymentStarted | f.HookInvoked | f.HookAnswered | f.TrafficShifted | f.DeploymentEnded


def rollout(fact: Rollout) -> str:
    """The sentence about a deployment by CodeDeploy, or about an alarm that may stop it."""
    match fact:
        case f.AlarmChanged():
            return f"The alarm {fact.alarm} goes from {fact.before} to {fact.state}."
        case f.DeploymentStarted():
            how = fact.configuration.removeprefix("CodeDeployDefault.Lambda")
            return f"CodeDeploy begins to move {fact.alias} from version {fact.old} to version {fact.new}, {how}."
        case f.HookInvoked():
            return f"CodeDeploy asks {fact.hook} ({fact.event}) whether to go on."
        case f.HookAnswered():
            return f"The hook {fact.hook} ({fact.event}) says: {fact.status}."
        case f.TrafficShifted():
            return f"Version {fact.version} now gets {fact.weight * 100:g} % of what is sent to {fact.alias}."
        case f.DeploymentEnded():
            if fact.outcome == "Succeeded":
                return f"The deployment is done: {fact.alias} leads to version {fact.new}."
            return f"The deployment is rolled back: {fact.alias} leads to version {fact.old} again. {fact.reason or ''}"


def reserved(fact: f.ConcurrencyReserved, name: str) -> str:
    """The sentence about reserved concurrency; ``name`` is what people call the function."""
    if fact.amount is None:
        return f"{name} has no reserved concurrency any more: it shares the account's."
    if fact.amount == 0:
        return f"The reserved concurrency of {name} is 0: it does not run at all."
    return f"The reserved concurrency of {name} is {fact.amount}: so much is kept for it, and no more."


Provision = (
    f.CapacityScaled
    | f.ProvisionedChanged
    | f.ProvisionedDeleted
    | f.ProvisionedInitialised
    | f.ProvisionedRateExceeded
    | f.ProvisionedSpilled
    | f.ProvisionedUsed
)


def provisioned(fact: Provision, name: str, asked: str) -> str:
    """The sentence about provisioned concurrency; ``name`` and ``asked`` are what people call function and request."""
    what = f"{name}:{fact.version if isinstance(fact, f.ProvisionedInitialised) else fact.qualifier}"
    match fact:
        case f.ProvisionedChanged():
            why = f" ({fact.reason})" if fact.reason else ""
            ready = f"{fact.allocated} of {fact.requested}"
            return f"Provisioned concurrency of {what} is {fact.status}{why}: {ready} environments are ready."
        case f.CapacityScaled():
            refused = f" Lambda refuses: {_said(fact.error)}" if fact.error else ""
            steps = f"from {fact.before} to {fact.wanted}"
            return f"Application Auto Scaling takes {what} {steps} provisioned environments: {fact.cause}.{refused}"
        case f.ProvisionedDeleted():
            return f"Nothing is provisioned for {what} any more."
        case f.ProvisionedInitialised():
            return f"An environment of {what} is initialised before anybody asks: {fact.billed_ms} ms are billed."
        case f.ProvisionedRateExceeded():
            return f"{what} gets more requests a second than its provisioned environments take: {asked} spills over."
        case f.ProvisionedUsed():
            busy = f"{fact.in_use} of {fact.allocated} {'is' if fact.in_use == 1 else 'are'} busy"
            return f"A provisioned environment of {what} takes {asked}: {busy}."
        case f.ProvisionedSpilled():
            return f"All provisioned environments of {what} are busy: {asked} spills over to an on-demand one."


Bucket = (
    f.BucketCreated
    | f.BucketDeleted
    | f.BucketConfigured
    | f.ObjectWritten
    | f.ObjectDeleted
    | f.ObjectTagged
    | f.NotificationSent
    | f.NotificationLost
)


def bucket(fact: Bucket) -> str:
    """The sentence about a bucket, its objects and what it tells others."""
    match fact:
        case f.BucketCreated():
            return f"The bucket {fact.shown_as} exists."
        case f.BucketDeleted():
            return f"The bucket {fact.bucket} is deleted."
        case f.BucketConfigured():
            told = ", ".join(f"{target.rsplit(':', 1)[-1]} of {events}" for events, target in fact.notifications)
            return f"The bucket {fact.bucket} keeps versions: {fact.versioning}; it notifies {told or 'nobody'}."
        case f.ObjectWritten():
            size = f"{fact.size:,} byte{'' if fact.size == 1 else 's'}"
            version = f", version {fact.version_id[:8]}" if fact.version_id else ""
            return f"{fact.operation} writes {fact.key} into {fact.bucket}: {size} of {fact.content_type}{version}."
        case f.ObjectDeleted():
            if fact.marker is not None:
                return f"A delete marker hides {fact.key} in {fact.bucket}; its versions are still there."
            what = f"Version {fact.version_id[:8]} of {fact.key}" if fact.version_id else fact.key
            return f"{what} is deleted from {fact.bucket}."
        case f.ObjectTagged():
            tags = ", ".join(f"{name}={value}" for name, value in fact.tags.items())
            return f"The tags of {fact.key} in {fact.bucket} are now {tags or 'none'}."
        case f.NotificationSent():
            target = fact.target.rsplit(":", 1)[-1]
            if fact.error:
                return f"{fact.bucket} cannot tell {target} of {fact.event} of {fact.key}: {fact.error}."
            late = f"{fact.delay_us / 1_000_000:.3f} s later"
            return f"{fact.bucket} tells {target} of {fact.event} of {fact.key}, {late}."
        case f.NotificationLost():
            return f"{fact.bucket} never tells of this {fact.event} of {fact.key}: the next one came too soon."


def event_invoke(fact: f.EventInvokeConfigured, name: str, age: str) -> str:
    """The sentence about how asynchronous events are treated; ``age`` is their maximum age for people."""
    what = name if fact.qualifier == "$LATEST" else f"{name}:{fact.qualifier}"
    tries = fact.retry_attempts + 1
    ends = [
        f" Records of {result} go to {target.rsplit(':', 1)[-1]}."
        for result, target in (("successes", fact.on_success), ("failures", fact.on_failure))
        if target
    ]
    attempts = f"{tries} attempt" + ("" if tries == 1 else "s")
    return f"Events to {what} get {attempts} at most and {age} in all.{''.join(ends)}"


def metric_filter(fact: f.MetricFilterConfigured) -> str:
    """A log group that counts, or does not any more."""
    wanted = f" that match {fact.pattern}" if fact.pattern else ""
    if fact.state == "disabled":
        return f"The metric filter {fact.name} has made too many metrics: CloudWatch Logs disables it."
    verb = "turns" if fact.state == "there" else "does not turn any more"
    return f"The metric filter {fact.name} {verb} events of {fact.log_group}{wanted} into the metric {fact.metric}."


def metric_data(fact: f.MetricDataPut | f.MetricsQueried, who: str) -> str:
    """Who put data of a metric into CloudWatch, or read it."""
    if isinstance(fact, f.MetricsQueried):
        return f"{who} reads {fact.metrics} metric{'' if fact.metrics == 1 else 's'} of CloudWatch."
    dimensions = ", ".join(f"{name}={value}" for name, value in fact.dimensions)
    metric = f"{fact.namespace}/{fact.metric}" + (f" ({dimensions})" if dimensions else "")
    if fact.statistics is not None:
        return f"{who} puts a statistic set of {fact.statistics[0]:g} samples into the metric {metric}."
    values = ", ".join(f"{value:g}" + (f" × {count:g}" if count != 1 else "") for value, count in fact.values[:5])
    more = ", …" if len(fact.values) > 5 else ""
    return f"{who} puts {values}{more} into the metric {metric}."
