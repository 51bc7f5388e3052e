"""AWS Key Management Service: moto encrypts; keys, their policies and states are the template's. Fact G.6.

Source: Service Authorization Reference, "AWS Key Management Service", read 2026-10.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lambdalab.simulator.account import Answer, Request, Right, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.json_store import JsonStore
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError

WITH_KEY = ("Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "DescribeKey")
OPERATIONS = frozenset((*WITH_KEY, "Decrypt", "ReEncrypt", "GenerateRandom", "ListKeys", "ListAliases"))
KEY_ID_BYTES = 36  # with which moto's ciphertexts begin


class KmsService:
    """The keys of the account."""

    def __init__(self, world: World) -> None:
        self._store = JsonStore(world, "kms")
        world.api.register("kms", self, self)

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The key that a call uses: it is named, or the ciphertext says it."""
        key = self._key_of(operation, params)
        return (arn("kms", f"key/{key}"), key) if key else (arn("kms", "key/*"), "")

    def rights(self, operation: str, params: dict[str, Any]) -> Iterable[Right]:
        """ReEncrypt needs rights on two keys; a key must be known to be asked for."""
        extra = {
            f"kms:encryptioncontext:{name.lower()}": str(value)
            for name, value in params.get("EncryptionContext", {}).items()
        }
        if operation == "ReEncrypt":
            source, target = self._key_of("Decrypt", params), self._id(params["DestinationKeyId"])
            yield from (Right("kms:ReEncryptFrom", arn("kms", f"key/{key}")) for key in (source,) if key)
            yield from (Right("kms:ReEncryptTo", arn("kms", f"key/{key}")) for key in (target,) if key)
        elif operation in ("GenerateRandom", "ListKeys", "ListAliases"):
            yield Right(f"kms:{operation}", arn("kms", "key/*"))
        elif key := self._key_of(operation, params):
            yield Right(f"kms:{operation}", arn("kms", f"key/{key}"), extra or None)

    def refusal(self, operation: str, error: AwsError) -> AwsError:
        """KMS refuses in IAM's own words."""
        return error

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()  # a generator, like every service
        operation, params = request.operation, request.params
        if operation not in OPERATIONS:
            return unsupported(request)
        key = self._keys().get(self._key_of(operation, params) or "")
        if key is not None and not key.enabled and operation != "DescribeKey":
            return AwsError("DisabledException", f"{key.arn} is disabled.", 400)
        return self._store.ask(operation, params)

    def deploy(self, key_id: str, *, enabled: bool = True, description: str = "") -> None:
        """Create a key as a template describes it. Its material comes from the run's chance."""
        with self._store.moto:
            key = self._store.moto.backend.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", description, None)
        self._keys().pop(key.id)
        key.id, key.arn = key_id, arn("kms", f"key/{key_id}")
        key.enabled, key.key_state = enabled, "Enabled" if enabled else "Disabled"
        self._keys()[key_id] = key

    def name(self, alias: str, key_id: str) -> None:
        """Give a key an alias (``alias/…``)."""
        self._store.moto.backend.create_alias(key_id, alias)

    def _keys(self) -> Any:
        return self._store.moto.backend.keys

    def _key_of(self, operation: str, params: dict[str, Any]) -> str | None:
        if params.get("KeyId"):
            return self._id(str(params["KeyId"]))
        blob = params.get("CiphertextBlob")
        if operation != "Decrypt" or not isinstance(blob, bytes):
            return None
        found = blob[:KEY_ID_BYTES].decode("ascii", "replace")
        return found if found in self._keys() else None

    def _id(self, named: str) -> str | None:
        """The id of a key that is named by id, ARN or alias; None when there is none."""
        bare = named.rpartition(":")[2].removeprefix("key/")
        if bare.startswith("alias/"):
            found = self._store.moto.backend.get_key_id_from_alias(bare)
            return str(found) if found else None
        return bare if bare in self._keys() else None

    def close(self) -> None:
        """The run is over: forget its keys."""
        self._store.moto.clear()
