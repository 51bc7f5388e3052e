"""Operations on functions and versions: publish, list, get, update, delete. Source: facts B.1, K.4 and X.3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.lambda_.attachment import with_vpc
from lambdalab.simulator.lambda_.control.configuration import Known, changed, configuration
from lambdalab.simulator.lambda_.control.operations import Operation, stale
from lambdalab.simulator.lambda_.control.pages import page
from lambdalab.simulator.lambda_.environments import Fleet
from lambdalab.simulator.lambda_.function import LATEST, EncryptionKey, Function
from lambdalab.simulator.lambda_.layers import Layers
from lambdalab.simulator.lambda_.packages import combined_refusal
from lambdalab.simulator.lambda_.permissions import FunctionPolicies
from lambdalab.simulator.lambda_.provisioned import Provisioned
from lambdalab.simulator.lambda_.registry import Registered, not_found
from lambdalab.simulator.lambda_.updates import Updates
from lambdalab.simulator.trace.facts import VersionDeleted, VersionPublished
from lambdalab.simulator.vocabulary import runtimes
from lambdalab.simulator.vocabulary.arns import function_arn
from lambdalab.simulator.vocabulary.errors import AwsError, conflict, invalid

CodeSource = Callable[[Mapping[str, Any]], tuple[str, dict[str, bytes]] | AwsError]
"""From the parameters that name code (``ZipFile``, ``S3Bucket``, ``S3Key``) to its folder and files."""


KeySource = Callable[[str], EncryptionKey | None]
"""From the ARN of a KMS key to the key; None: there is none."""


_KNOWN_OF_CODE = {"DryRun", "FunctionName", "Publish", "RevisionId", "S3Bucket", "S3Key", "ZipFile"}


def _no_source(params: Mapping[str, Any]) -> AwsError:
    return invalid("Please provide a source for function code.")


class FunctionApi:
    """Functions and their versions. ``code_source`` finds the code that an update names."""

    def __init__(
        self,
        world: World,
        fleets: Mapping[str, Fleet],
        layers: Layers,
        provisioned: Provisioned,
        policies: FunctionPolicies,
    ) -> None:
        self._world = world
        self._policies = policies
        self._provisioned = provisioned
        self._fleets = fleets
        self._layers = layers
        self.code_source: CodeSource = _no_source
        self.key_source: KeySource = lambda arn: None
        self.updates = Updates(world, fleets)
        self.operations: Mapping[str, Operation] = {
            "PublishVersion": self._publish,
            "ListVersionsByFunction": self._list_versions,
            "GetFunction": self._get,
            "GetFunctionConfiguration": self._get_configuration,
            "UpdateFunctionCode": self._update_code,
            "UpdateFunctionConfiguration": self._update_configuration,
            "DeleteFunction": self._delete,
        }

    def publish(self, registered: Registered, description: str = "") -> Function:
        """Freeze ``$LATEST``; the trace tells of a version that is new."""
        before = registered.published
        version = registered.publish(description)
        if registered.published != before:
            registered.revise(version.version, self._world)
            self._world.trace.record(VersionPublished(registered.name, version.version, version.code_sha256))
        return version

    def _publish(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        outdated = stale(params.get("RevisionId"), registered.revision, "GetFunction")
        refusal = self.updates.refusal(registered) or outdated
        if refusal:
            return refusal
        wanted = params.get("CodeSha256")
        if wanted and wanted != registered.latest.code_sha256:
            found = registered.latest.code_sha256
            text = f"CodeSHA256 ({wanted}) is different from current CodeSHA256 in $LATEST ({found})."
            return invalid(f"{text} Please try again with the CodeSHA256 in $LATEST.")
        version = self.publish(registered, params.get("Description", ""))
        return Answer(configuration(registered, version, version.version), 201)

    def _list_versions(
        self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]
    ) -> Answer | AwsError:
        versions = [registered.latest, *registered.versions.values()]
        return page("Versions", [configuration(registered, each, each.version) for each in versions], params)

    def _get(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        found = self._get_configuration(registered, qualifier, params)
        if isinstance(found, AwsError):
            return found
        output: dict[str, Any] = {"Configuration": found.output, "Code": {"RepositoryType": "S3"}}
        if registered.reserved_concurrency is not None:
            output["Concurrency"] = {"ReservedConcurrentExecutions": registered.reserved_concurrency}
        return Answer(output)

    def _get_configuration(
        self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]
    ) -> Answer | AwsError:
        if qualifier is None:
            return Answer(configuration(registered, registered.coming, None))
        if not registered.has(qualifier):
            return not_found(registered.name, qualifier)
        return Answer(configuration(registered, registered.behind(qualifier), qualifier))

    def _update_code(
        self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]
    ) -> Answer | AwsError:
        refusal = self._not_to_be_updated(registered, qualifier, params)
        if refusal:
            return refusal
        unknown = sorted(set(params) - _KNOWN_OF_CODE)
        if unknown:
            text = f"lambdalab does not simulate {', '.join(unknown)} of UpdateFunctionCode, so nothing happened."
            return AwsError("NotSimulated", text, 501)
        found = self.code_source(params)
        if isinstance(found, AwsError):
            return found
        folder, files = found
        function = replace(registered.latest, code=files, code_folder=folder)
        refusal = self.runtime_refusal(function)
        refusal = refusal or combined_refusal(files, (layer.files for layer in function.layers))
        if refusal:
            return refusal
        if params.get("DryRun"):
            return Answer(configuration(registered, function, None))
        self.updates.begin(registered, function, "code")
        if params.get("Publish"):  # it is there at once; what AWS does while it is being made is not simulated
            return Answer(configuration(registered, *_twice(self.publish(registered))))
        return Answer(configuration(registered, function, None))

    def _update_configuration(
        self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]
    ) -> Answer | AwsError:
        refusal = self._not_to_be_updated(registered, qualifier, params)
        known = Known(self._layers, self.key_source, self._world.iam)
        rest = {name: value for name, value in params.items() if name != "VpcConfig"}
        function = refusal or changed(registered.latest, rest, known)
        if "VpcConfig" in params and not isinstance(function, AwsError):
            function = with_vpc(self._world, function, params["VpcConfig"])
        if isinstance(function, AwsError):
            return function
        refusal = self.runtime_refusal(function)
        if refusal:
            return refusal
        self.updates.begin(registered, function, "configuration")
        return Answer(configuration(registered, function, None))

    def runtime_refusal(self, function: Function) -> AwsError | None:
        """AWS's answer to an update that leaves a function with a runtime past its last day."""
        return runtimes.refusal(function.runtime, "update", self._world.wall_clock().date())

    def _not_to_be_updated(
        self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]
    ) -> AwsError | None:
        """Versions and aliases are never updated; a function only when no other update is under way."""
        if qualifier not in (None, LATEST):
            text = "This operation is permitted on Lambda functions only. Aliases and versions do not support this "
            return invalid(text + "operation. Please specify either a function name or an unqualified function ARN.")
        outdated = stale(params.get("RevisionId"), registered.revision, "GetFunction")
        return self.updates.refusal(registered) or outdated

    def _delete(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        """Delete a version. A whole function stays: what becomes of its queued events is not simulated."""
        if qualifier is None:
            text = "lambdalab does not simulate deleting a whole function, so nothing happened. Name a version."
            return AwsError("NotSimulated", text, 501)
        if qualifier == LATEST:
            return invalid("$LATEST version cannot be deleted without deleting the function.")
        if qualifier in registered.aliases:
            return invalid("Deletion of aliases is not currently supported.")
        pointing = registered.pointing_at(qualifier)
        if pointing:
            names = ", ".join(alias.name for alias in pointing)
            return conflict(f"Unable to delete version because the following aliases reference it: [{names}]")
        if (
            qualifier in registered.replicated
        ):  # as users report it; CloudFront "Delete Lambda@Edge functions and replicas"
            text = "because it is a replicated function. Please see our documentation for Deleting Lambda@Edge "
            return invalid(
                f"Lambda was unable to delete {function_arn(registered.name, qualifier)} {text}Functions and Replicas."
            )
        self.delete_version(registered, qualifier)
        return Answer(status=204)

    def delete_version(self, registered: Registered, number: str) -> None:
        """Delete a version to which no alias leads; one that is gone already is no error."""
        if registered.versions.pop(number, None) is not None:
            registered.event_invoke.pop(number, None)
            self._provisioned.delete_of(registered, number)
            self._policies.forget(function_arn(registered.name, number))
            self._fleets[registered.name].replace(number)
            self._world.trace.record(VersionDeleted(registered.name, number))


def _twice(version: Function) -> tuple[Function, str]:
    return version, version.version
