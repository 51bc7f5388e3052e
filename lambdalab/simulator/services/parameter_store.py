"""AWS Systems Manager Parameter Store, kept by moto. Source: Service Authorization Reference, "AWS Systems Manager",
read 2026-10."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lambdalab.simulator.account import Answer, Request, Right, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.json_store import JsonStore
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError

ON_ONE = ("PutParameter", "GetParameter", "DeleteParameter", "GetParameterHistory", "LabelParameterVersion")
OPERATIONS = frozenset((*ON_ONE, "GetParameters", "DeleteParameters", "GetParametersByPath", "DescribeParameters"))


class ParameterStore:
    """The parameters of the account."""

    def __init__(self, world: World) -> None:
        self._store = JsonStore(world, "ssm")
        world.api.register("ssm", self, self)

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The parameter that a call names, the first of several, or the path."""
        name = _names(params)[0]
        return parameter_arn(name), name

    def rights(self, operation: str, params: dict[str, Any]) -> Iterable[Right]:
        """Each parameter needs its right; one with a key of the customer's own also that of the key."""
        found = [Right(f"ssm:{operation}", parameter_arn(name)) for name in _names(params)]
        return found + [Right(action, key) for action, key in self._keys(operation, params)]

    def _keys(self, operation: str, params: dict[str, Any]) -> Iterable[tuple[str, str]]:
        """AWS's own key, alias/aws/ssm, lets everybody in the account. Fact G.6; KMS "AWS managed keys"."""
        if operation == "PutParameter" and params.get("Type") == "SecureString":
            yield from (("kms:Encrypt", each) for each in _own_key(params.get("KeyId")))
        elif params.get("WithDecryption"):
            for name in _names(params):
                stored = self._store.moto.backend.get_parameters([name]).get(name)
                kept = stored.keyid if stored is not None and stored.parameter_type == "SecureString" else None
                yield from (("kms:Decrypt", each) for each in _own_key(kept))

    def refusal(self, operation: str, error: AwsError) -> AwsError:
        """Systems Manager refuses in IAM's own words."""
        return error

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()  # a generator, like every service
        if request.operation not in OPERATIONS:
            return unsupported(request)
        return self._store.ask(request.operation, request.params)

    def deploy(self, name: str, kind: str, value: str, description: str = "") -> None:
        """Create a parameter as a template describes it. Raises ``ValueError`` with AWS's refusal."""
        params = {"Name": name, "Type": kind, "Value": value, "Overwrite": True}
        answer = self._store.ask("PutParameter", params | ({"Description": description} if description else {}))
        if isinstance(answer, AwsError):
            raise ValueError(answer.message)

    def value(self, name: str, version: str = "") -> str | None:
        """The value of a parameter; None when there is none, or not in that version."""
        named = f"{name}:{version}" if version else name
        answer = self._store.ask("GetParameter", {"Name": named, "WithDecryption": True})
        return None if isinstance(answer, AwsError) else str(answer.output["Parameter"]["Value"])

    def close(self) -> None:
        """The run is over: forget its parameters."""
        self._store.moto.clear()


def parameter_arn(name: str) -> str:
    """A parameter's ARN; the slash before its name is the ARN's own."""
    return name if name.startswith("arn:") else arn("ssm", f"parameter/{name.partition(':')[0].lstrip('/')}")


def _names(params: dict[str, Any]) -> list[str]:
    if "Names" in params:
        return list(params["Names"])
    return [str(params.get("Name") or params.get("Path") or "*")]


def _own_key(key: Any) -> Iterable[str]:
    if key and not str(key).endswith("alias/aws/ssm"):
        yield key if str(key).startswith("arn:") else arn("kms", f"key/{key}")
