"""Streams at whose front door a test asks and gets answers at once."""

from typing import Any

from lambdalab.simulator.account import ADMINISTRATOR, Answer, Principal, Request, World
from lambdalab.simulator.kernel import DAY, Kernel
from lambdalab.simulator.services.kinesis import KinesisService, Stream
from lambdalab.simulator.trace import Stamped
from lambdalab.simulator.vocabulary.errors import AwsError
from tests.simulator.playing import seconds

ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
FIRST = "shardId-000000000000"
BEGINS = 1_700_000_000_000_000  # microseconds since 1970


class StreamDesk:
    """One account with the stream ``clicks``."""

    def __init__(self, shards: int = 1, **stream: Any) -> None:
        self.facts: list[Stamped] = []
        self.kernel = Kernel(1)
        self.world = World(self.kernel, lambda entry: self.facts.append(Stamped(*entry)), epoch_us=BEGINS)
        self.kinesis = KinesisService(self.world)
        self.kinesis.deploy(Stream("clicks", **stream), shards, "clicks")

    def ask(
        self, operation: str, caller: Principal = ADMINISTRATOR, stream: str | None = "clicks", **params: Any
    ) -> Any:
        """What Kinesis answers: its output, or its error."""
        named = {"StreamName": stream} if stream else {}
        request = Request(caller, "kinesis", operation, named | params, "test")
        answers: list[Any] = []

        def call() -> Any:
            answers.append((yield from self.world.api.call(request)))

        self.kernel.spawn(call())
        self.kernel.run(DAY, lambda: None)
        answer = answers[0]
        return answer.output if isinstance(answer, Answer) else answer

    def put(self, key: str = "a", data: bytes = b"{}", **params: Any) -> Any:
        return self.ask("PutRecord", PartitionKey=key, Data=data, **params)

    def iterator(self, kind: str = "TRIM_HORIZON", shard: str = FIRST, **params: Any) -> Any:
        answer = self.ask("GetShardIterator", ShardId=shard, ShardIteratorType=kind, **params)
        return answer["ShardIterator"] if isinstance(answer, dict) else answer

    def get(self, iterator: Any, **params: Any) -> Any:
        return self.ask("GetRecords", stream=None, ShardIterator=iterator, **params)

    def read(self, kind: str = "TRIM_HORIZON", shard: str = FIRST, **params: Any) -> list[bytes]:
        """The data of the records from there on."""
        return [record["Data"] for record in self.get(self.iterator(kind, shard, **params))["Records"]]

    def wait(self, length: float) -> None:
        self.kernel.spawn(self.kernel.sleep(seconds(length)))
        self.kernel.run(DAY, lambda: None)

    def shards(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.ask("ListShards")["Shards"]
        return listed


def refused(answer: Any) -> tuple[str, str]:
    """Code and text of a refusal."""
    assert isinstance(answer, AwsError), answer
    return answer.code, answer.message
