"""One version of a function: its code and configuration, as deployed or published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal

from lambdalab.simulator.account.iam import Principal
from lambdalab.simulator.account.vpc import VpcConfig
from lambdalab.simulator.kernel import SECOND, Micros
from lambdalab.simulator.lambda_.layers import LayerVersion, code_sha256
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import function_arn

LATEST = "$LATEST"


@dataclass(frozen=True, slots=True)
class EventInvokeConfig:
    """What happens to asynchronous events: retries, age, destinations. Fact A.3; defaults from botocore's model."""

    retry_attempts: int = quotas.RETRY_ATTEMPTS_DEFAULT
    event_age_s: int = quotas.EVENT_AGE_S_DEFAULT
    on_success: str | None = None
    on_failure: str | None = None

    @property
    def event_age(self) -> Micros:
        """The maximum age as virtual time."""
        return Micros(self.event_age_s * SECOND)


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """A customer's KMS key for the environment variables. Without one AWS's own is used, which costs nothing."""

    arn: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class LoggingConfig:
    """In which format a function logs, what is left out, and where to; ``group`` None is ``/aws/lambda/<name>``.

    Levels count in the JSON format only. Defaults: DG26 "Log-level filtering", read 2026-11-24.
    """

    format: str = "Text"
    application_level: str = "INFO"
    system_level: str = "INFO"
    group: str | None = None

    @property
    def is_json(self) -> bool:
        """Whether lines are JSON and have levels."""
        return self.format == "JSON"


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A version of a Lambda function, ``$LATEST`` or a number; an update makes another one.

    ``code``: paths under /var/task to bytes; ``code_folder``: where the project keeps it. What belongs to the function
    as a whole (reserved concurrency) or to a qualifier (event-invoke configuration) stands in the registry.
    """

    name: str
    runtime: str
    handler: str
    code: Mapping[str, bytes]
    role: Principal
    code_folder: str = ""
    memory_mb: int = quotas.MEMORY_MB_DEFAULT
    timeout_s: int = quotas.TIMEOUT_S_DEFAULT
    ephemeral_mb: int = quotas.EPHEMERAL_MB_DEFAULT
    architecture: str = "x86_64"
    environment: Mapping[str, str] = field(default_factory=dict)
    layers: tuple[LayerVersion, ...] = ()
    dead_letter: str | None = None
    key: EncryptionKey | None = None
    vpc: VpcConfig | None = None
    logging: LoggingConfig = LoggingConfig()
    tracing: str = "PassThrough"
    description: str = ""
    version: str = LATEST
    initialization: Literal["on-demand", "provisioned-concurrency"] = "on-demand"
    logical_id: str = ""

    @property
    def arn(self) -> str:
        """The unqualified ARN."""
        return function_arn(self.name)

    @property
    def log_group(self) -> str:
        """Where its log streams are. Fact H.2."""
        return self.logging.group or f"/aws/lambda/{self.name}"

    @property
    def code_sha256(self) -> str:
        """The digest of the code in AWS's form."""
        return code_sha256(self.code)

    @property
    def timeout(self) -> Micros:
        """The timeout as virtual time."""
        return Micros(self.timeout_s * SECOND)

    @property
    def vcpu_share(self) -> float:
        """The share of one vCPU that one thread gets: 1,769 MB buy a whole one. Fact J.1."""
        return min(1.0, self.memory_mb / quotas.MEMORY_MB_PER_VCPU)

    @property
    def frozen(self) -> tuple[object, ...]:
        """What a version freezes, to be compared."""
        return (self.code, *self.settings)

    @property
    def settings(self) -> tuple[object, ...]:
        """The same without the code: the configuration."""
        apart = ("code", "code_folder", "logical_id", "initialization", "role")
        kept = tuple(getattr(self, part.name) for part in fields(self) if part.name not in apart)
        return (self.role.arn, self.role.policies, *kept)  # a principal is equal to itself only
