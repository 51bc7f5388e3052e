"""AWS Secrets Manager, kept by moto. Source: Service Authorization Reference, "AWS Secrets Manager", read 2026-10."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Request, Right, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.json_store import JsonStore
from lambdalab.simulator.vocabulary.arns import arn, secret_arn
from lambdalab.simulator.vocabulary.errors import AwsError

OPERATIONS = frozenset((
    "CreateSecret", "GetSecretValue", "PutSecretValue", "UpdateSecret", "DescribeSecret", "ListSecrets", "DeleteSecret",
    "RestoreSecret", "ListSecretVersionIds", "UpdateSecretVersionStage", "GetRandomPassword", "TagResource",
    "UntagResource",
))  # fmt: skip
ON_NOTHING = ("ListSecrets", "GetRandomPassword")


class SecretsManager:
    """The secrets of the account."""

    def __init__(self, world: World) -> None:
        self._store = JsonStore(world, "secretsmanager")
        world.api.register("secretsmanager", self, self)

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The secret that a call names."""
        named = str(params.get("SecretId") or params.get("Name") or "")
        return self._arn_of(named) if named else "*", named.rpartition(":secret:")[2]

    def rights(self, operation: str, params: dict[str, Any]) -> Iterable[Right]:
        """The operation's own right on the secret."""
        resource = arn("secretsmanager", "secret:*") if operation in ON_NOTHING else self.resource(operation, params)[0]
        return [Right(f"secretsmanager:{operation}", resource)]

    def refusal(self, operation: str, error: AwsError) -> AwsError:
        """Secrets Manager refuses in IAM's own words."""
        return error

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()  # a generator, like every service
        if request.operation not in OPERATIONS:
            return unsupported(request)
        return self._store.ask(request.operation, request.params)

    def deploy(self, name: str, value: str | None, generate: Mapping[str, Any] | None, description: str = "") -> None:
        """Create a secret as a template describes it. Raises ``ValueError`` with AWS's refusal."""
        text = value if generate is None else self._generated(generate)
        params: dict[str, Any] = {"Name": name, "SecretString": text if text is not None else ""}
        answer = self._store.ask("CreateSecret", params | ({"Description": description} if description else {}))
        if isinstance(answer, AwsError):
            raise ValueError(answer.message)
        self._store.moto.backend.secrets[name].arn = secret_arn(name)  # known before it exists: others refer to it

    def _generated(self, rules: Mapping[str, Any]) -> str:
        """GenerateSecretString: a password, alone or as one more key of SecretStringTemplate. CloudFormation"""
        own = ("SecretStringTemplate", "GenerateStringKey")
        answer = self._store.ask("GetRandomPassword", {k: v for k, v in rules.items() if k not in own})
        if isinstance(answer, AwsError):
            raise ValueError(answer.message)
        password = str(answer.output["RandomPassword"])
        if "GenerateStringKey" not in rules:
            return password
        return json.dumps({**json.loads(rules["SecretStringTemplate"]), rules["GenerateStringKey"]: password})

    def value(self, secret: str, key: str = "", stage: str = "", version: str = "") -> str | None:
        """The string of a secret, or one key of it; None when there is no such secret, key or version."""
        wanted = {"SecretId": secret, "VersionStage": stage, "VersionId": version}
        answer = self._store.ask("GetSecretValue", {name: given for name, given in wanted.items() if given})
        if isinstance(answer, AwsError):
            return None
        text = str(answer.output.get("SecretString", ""))
        if not key:
            return text
        try:
            found = json.loads(text)[key]
        except (ValueError, KeyError, TypeError):
            return None
        return str(found)

    def _arn_of(self, named: str) -> str:
        secret = self._store.moto.backend.secrets.get(named)
        if secret is not None:
            return str(secret.arn)
        return named if named.startswith("arn:") else arn("secretsmanager", f"secret:{named}")

    def close(self) -> None:
        """The run is over: forget its secrets."""
        self._store.moto.clear()
