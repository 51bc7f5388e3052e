"""Operations on layers: publish, get, list, delete, and who else may use a version. Source: facts K.3 and X.3 (BC, LS).

A layer's version has a policy of its own. In its own account everybody whose policies say so may use it without one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer
from lambdalab.simulator.lambda_.control.functions import FunctionApi
from lambdalab.simulator.lambda_.control.pages import page
from lambdalab.simulator.lambda_.layers import Layers, LayerVersion
from lambdalab.simulator.lambda_.permissions import FunctionPolicies
from lambdalab.simulator.vocabulary.arns import layer_arn
from lambdalab.simulator.vocabulary.errors import AwsError, invalid

LayerOperation = Callable[[Mapping[str, Any]], Answer | AwsError]


class LayerApi:
    """Layers behind the front door. Code comes from where that of functions comes from."""

    def __init__(self, layers: Layers, policies: FunctionPolicies, functions: FunctionApi) -> None:
        self._layers = layers
        self._policies = policies
        self._functions = functions
        self.operations: Mapping[str, LayerOperation] = {
            "PublishLayerVersion": self._publish,
            "GetLayerVersion": self._get,
            "GetLayerVersionByArn": self._get_by_arn,
            "ListLayerVersions": self._list_versions,
            "ListLayers": self._list,
            "DeleteLayerVersion": self._delete,
            "AddLayerVersionPermission": self._add_permission,
            "RemoveLayerVersionPermission": self._remove_permission,
            "GetLayerVersionPolicy": self._get_policy,
        }

    def resource(self, params: Mapping[str, Any]) -> tuple[str, str]:
        """The layer or its version that a call is about; ListLayers is about any."""
        if "Arn" in params:
            return str(params["Arn"]), str(params["Arn"]).rpartition(":layer:")[2]
        if "LayerName" not in params:
            return "*", ""
        name, number = _name(params), params.get("VersionNumber")
        if _is_elsewhere(name):
            return name + ("" if number is None else f":{number}"), name
        return layer_arn(name, None if number is None else str(number)), name

    def _publish(self, params: Mapping[str, Any]) -> Answer | AwsError:
        if _is_elsewhere(_name(params)):
            text = "because no resource-based policy allows the lambda:PublishLayerVersion action"
            whom = "User is not authorized to perform: lambda:PublishLayerVersion on resource: "
            return AwsError("AccessDeniedException", f"{whom}{params['LayerName']} {text}", 403)
        found = self._functions.code_source(params["Content"])
        if isinstance(found, AwsError):
            return found
        folder, files = found
        version = self._layers.publish(
            _name(params),
            files,
            folder=folder,
            description=params.get("Description", ""),
            license=params.get("LicenseInfo", ""),
            runtimes=tuple(params.get("CompatibleRuntimes") or ()),
            architectures=tuple(params.get("CompatibleArchitectures") or ()),
        )
        return Answer(_shown(version) | _content(version), 201)

    def _get(self, params: Mapping[str, Any]) -> Answer | AwsError:
        if params["VersionNumber"] < 1:
            return invalid("Layer Version Cannot be less than 1.")
        return _told(self._layers.find(_name(params), params["VersionNumber"]))

    def _get_by_arn(self, params: Mapping[str, Any]) -> Answer | AwsError:
        return _told(self._layers.named(params["Arn"]))

    def _list_versions(self, params: Mapping[str, Any]) -> Answer | AwsError:
        found = [_row(version) for version in self._layers.versions_of(_name(params)) if _made_for(version, params)]
        return page("LayerVersions", found, params)

    def _list(self, params: Mapping[str, Any]) -> Answer | AwsError:
        rows = []
        for name in self._layers.names():
            fitting = [version for version in self._layers.versions_of(name) if _made_for(version, params)]
            if fitting:
                latest = _row(fitting[0])
                rows.append({"LayerName": name, "LayerArn": layer_arn(name), "LatestMatchingVersion": latest})
        return page("Layers", rows, params)

    def _delete(self, params: Mapping[str, Any]) -> Answer | AwsError:
        self._layers.delete(_name(params), params["VersionNumber"])
        return Answer(status=204)

    def _add_permission(self, params: Mapping[str, Any]) -> Answer | AwsError:
        version = self._layers.find(_name(params), params["VersionNumber"])
        if version is None:
            return _missing(f"Layer version {self.resource(params)[0]} does not exist.")
        given = {"PrincipalOrgID": params["OrganizationId"]} if params.get("OrganizationId") else {}
        return self._policies.add(version.arn, {**params, **given})

    def _remove_permission(self, params: Mapping[str, Any]) -> Answer | AwsError:
        return self._policies.remove(self.resource(params)[0], dict(params))

    def _get_policy(self, params: Mapping[str, Any]) -> Answer | AwsError:
        return self._policies.get(self.resource(params)[0])


def _name(params: Mapping[str, Any]) -> str:
    """The name of a layer of this account. An ARN of elsewhere comes back whole: no layer here is called so."""
    return str(params["LayerName"]).removeprefix(layer_arn(""))


def _is_elsewhere(name: str) -> bool:
    return name.startswith("arn:")


def _made_for(version: LayerVersion, params: Mapping[str, Any]) -> bool:
    """Whether a listing that asks for a runtime or an architecture shows this version."""
    runtime, architecture = params.get("CompatibleRuntime"), params.get("CompatibleArchitecture")
    return runtime in (None, *version.runtimes) and architecture in (None, *version.architectures)


def _told(version: LayerVersion | None) -> Answer | AwsError:
    if version is None:
        return _missing("The resource you requested does not exist.")
    return Answer(_shown(version) | _content(version))


def _missing(text: str) -> AwsError:
    return AwsError("ResourceNotFoundException", text, 404, {"Type": "User"})


def _row(version: LayerVersion) -> dict[str, Any]:
    """A version as lists show it. What was not said when it was published is left out."""
    said = {
        "CompatibleRuntimes": list(version.runtimes),
        "CompatibleArchitectures": list(version.architectures),
        "LicenseInfo": version.license,
    }
    return {
        "LayerVersionArn": version.arn,
        "Version": version.number,
        "Description": version.description,
        "CreatedDate": version.created,
        **{name: value for name, value in said.items() if value},
    }


def _shown(version: LayerVersion) -> dict[str, Any]:
    return _row(version) | {"LayerArn": layer_arn(version.name)}


def _content(version: LayerVersion) -> dict[str, Any]:
    return {"Content": {"CodeSize": version.size, "CodeSha256": version.sha256}}
