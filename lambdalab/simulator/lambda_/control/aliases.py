"""CreateAlias, UpdateAlias, DeleteAlias, GetAlias, ListAliases. Source: facts K.5 and X.3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.lambda_.control.operations import Operation, stale
from lambdalab.simulator.lambda_.control.pages import page
from lambdalab.simulator.lambda_.permissions import FunctionPolicies
from lambdalab.simulator.lambda_.provisioned import Provisioned
from lambdalab.simulator.lambda_.registry import Alias, Registered, no_alias, routing, wrong_alias_name
from lambdalab.simulator.trace.facts import AliasChanged, AliasDeleted
from lambdalab.simulator.vocabulary.arns import function_arn
from lambdalab.simulator.vocabulary.errors import AwsError, conflict


class AliasApi:
    """Aliases of functions."""

    def __init__(self, world: World, provisioned: Provisioned, policies: FunctionPolicies) -> None:
        self._world = world
        self._policies = policies
        self._provisioned = provisioned
        self.operations: Mapping[str, Operation] = {
            "CreateAlias": self.create,
            "UpdateAlias": self.update,
            "DeleteAlias": self.delete,
            "GetAlias": self.get,
            "ListAliases": self.list,
        }

    def create(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        """A new alias."""
        name, version = params["Name"], params["FunctionVersion"]
        routed = wrong_alias_name(name) or routing(registered, version, _weights(params) or {})
        if isinstance(routed, AwsError):
            return routed
        if name in registered.aliases:
            return conflict(f"Alias already exists: {function_arn(registered.name, name)}")
        alias = Alias(name, version, params.get("Description", ""))
        registered.aliases[name] = alias
        self.route(registered, alias, version, *routed)
        return Answer(_shown(registered, alias), 201)

    def update(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        """Change what an alias leads to. Without ``RoutingConfig`` the weights stay as they are."""
        alias = registered.aliases.get(params["Name"])
        if alias is None:
            text = f"Alias not found: {function_arn(registered.name, params['Name'])}"
            return AwsError("ResourceNotFoundException", text, 404, {"Type": "User"})
        version, weights = params.get("FunctionVersion", alias.version), _weights(params)
        if weights is None:
            weights = {} if alias.additional is None else {alias.additional: alias.weight}
        unfit = self._provisioned.unfit(registered, alias.name, version, *weights)
        outdated = stale(params.get("RevisionId"), alias.revision, "GetAlias")
        routed = outdated or unfit or routing(registered, version, weights)
        if isinstance(routed, AwsError):
            return routed
        alias.description = params.get("Description", alias.description)
        self.route(registered, alias, version, *routed)
        return Answer(_shown(registered, alias))

    def delete(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        """Remove an alias; one that is not there is no error. Source: BC DeleteAlias, 204."""
        if registered.aliases.pop(params["Name"], None):
            registered.event_invoke.pop(params["Name"], None)
            self._provisioned.delete_of(registered, params["Name"])
            self._policies.forget(function_arn(registered.name, params["Name"]))
            self._world.trace.record(AliasDeleted(registered.name, params["Name"]))
        return Answer(status=204)

    def get(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        """One alias."""
        alias = registered.aliases.get(params["Name"])
        if alias is None:
            return no_alias(registered, params["Name"])
        return Answer(_shown(registered, alias))

    def list(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        """All aliases, or those of one version."""
        only = params.get("FunctionVersion")
        found = [alias for _, alias in sorted(registered.aliases.items()) if only is None or only in alias.versions]
        return page("Aliases", [_shown(registered, alias) for alias in found], params)

    def route(
        self, registered: Registered, alias: Alias, version: str, additional: str | None = None, weight: float = 0.0
    ) -> None:
        """Let an alias lead to ``version``, and with ``weight`` (0 to 1) to ``additional``."""
        alias.version, alias.additional, alias.weight = version, additional, weight
        alias.revision = self._world.new_uuid("revision")
        self._world.trace.record(AliasChanged(registered.name, alias.name, version, additional, weight))
        self._provisioned.follow(registered, alias.name)


def _weights(params: Mapping[str, Any]) -> dict[str, float] | None:
    config = params.get("RoutingConfig")
    return None if config is None else dict(config.get("AdditionalVersionWeights") or {})


def _shown(registered: Registered, alias: Alias) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "AliasArn": function_arn(registered.name, alias.name),
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision,
    }
    if alias.additional is not None:
        shown["RoutingConfig"] = {"AdditionalVersionWeights": {alias.additional: alias.weight}}
    return shown
