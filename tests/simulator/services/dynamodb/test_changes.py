"""What changed, with the images before and after: what a stream is made from."""

from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.scenario import run as running
from lambdalab.simulator.services.dynamodb import Change, DynamoDbService
from lambdalab.simulator.trace.facts import ApiCalled, ItemConflict, ItemDeleted, ItemRead, ItemWritten, TableDeleted
from tests.simulator.playing import CODE, Played, as_files, call, make_template, play, steps

KEY = {"id": {"S": "a"}}
EPOCH = 1_764_579_600  # of every run, in seconds


def make_table(**properties: Any) -> dict[str, Any]:
    usual = {
        "TableName": "orders",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    }
    return {"Type": "AWS::DynamoDB::Table", "Properties": usual | properties}


def run(*entries: dict[str, Any], table: dict[str, Any] | None = None, **more: Any) -> Played:
    return play(make_template(Orders=table or make_table()), steps(*entries, **more))


def put(at: str, **item: Any) -> dict[str, Any]:
    return call(at, "dynamodb.put_item", TableName="orders", Item={**KEY, **item})


def test_a_write_carries_the_item_before_and_after() -> None:
    update = call(
        "2s", "dynamodb.update_item", TableName="orders", Key=KEY,
        UpdateExpression="SET n = n + :one", ExpressionAttributeValues={":one": {"N": "1"}},
    )  # fmt: skip
    new, overwritten, updated = run(put("0s"), put("1s", n={"N": "1"}), update).of(ItemWritten)
    assert (new.old, new.item) == (None, KEY)
    assert (overwritten.old, overwritten.item) == (KEY, {**KEY, "n": {"N": "1"}})
    assert (updated.old, updated.item) == ({**KEY, "n": {"N": "1"}}, {**KEY, "n": {"N": "2"}})


def test_a_deletion_carries_what_is_gone_and_of_nothing_is_none() -> None:
    delete = {"TableName": "orders", "Key": KEY}
    played = run(put("0s"), call("1s", "dynamodb.delete_item", **delete), call("2s", "dynamodb.delete_item", **delete))
    assert played.of(ItemDeleted) == [ItemDeleted("orders", KEY, KEY, False)]
    assert [fact.error for fact in played.of(ApiCalled)] == [None, None, None]


def test_a_table_with_a_sort_key_has_both_in_its_keys() -> None:
    table = make_table(
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "n", "AttributeType": "N"},
        ],
    )
    one, two = run(put("0s", n={"N": "1"}), put("1s", n={"N": "2"}), table=table).of(ItemWritten)
    assert (one.key, two.key) == ({**KEY, "n": {"N": "1"}}, {**KEY, "n": {"N": "2"}})
    assert (one.old, two.old) == (None, None)


def test_a_transaction_is_told_action_by_action_or_not_at_all() -> None:
    def transact(at: str, *actions: dict[str, Any]) -> dict[str, Any]:
        return call(at, "dynamodb.transact_write_items", TransactItems=list(actions))

    delete = {"Delete": {"TableName": "orders", "Key": KEY}}
    put_b = {"Put": {"TableName": "orders", "Item": {"id": {"S": "b"}}}}
    check = {
        "ConditionCheck": {"TableName": "orders", "Key": KEY, "ConditionExpression": "attribute_exists(id)"},
    }
    played = run(put("0s"), transact("1s", delete, put_b), transact("2s", check, put_b))
    assert [(f.operation, f.key["id"]["S"]) for f in played.of(ItemWritten)] == [("PutItem", "a"), ("TransactPut", "b")]
    assert len(played.of(ItemDeleted)) == 1
    assert len(played.of(ItemConflict)) == 1


def test_a_conflict_in_a_transaction_names_the_item_whose_condition_failed() -> None:
    once = {"ConditionExpression": "attribute_not_exists(id)"}
    actions = [{"Put": {"TableName": "orders", "Item": {"id": {"S": key}}, **once}} for key in ("b", "a")]
    played = run(put("0s"), call("1s", "dynamodb.transact_write_items", TransactItems=actions))
    assert [fact.key for fact in played.of(ItemConflict)] == [KEY]


def test_listeners_hear_of_every_change_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Change] = []
    deploy = running.deploy

    def listening(*args: Any, **named: Any) -> Any:
        deployment = deploy(*args, **named)
        deployment.dynamodb.listeners.append(heard.append)
        return deployment

    monkeypatch.setattr(running, "deploy", listening)
    run(put("0s"), put("1s", n={"N": "1"}), call("2s", "dynamodb.delete_item", TableName="orders", Key=KEY))
    after = {**KEY, "n": {"N": "1"}}
    assert [(change.old, change.new) for change in heard] == [(None, KEY), (KEY, after), (after, None)]


def test_sets_stand_in_an_order_that_is_the_same_in_every_process() -> None:
    """The old AttributeUpdates too, which moto keeps as Python's sets."""
    update = call(
        "1s", "dynamodb.update_item", TableName="orders", Key=KEY,
        AttributeUpdates={"tags": {"Action": "ADD", "Value": {"SS": ["z", "b", "a", "q"]}}},
    )  # fmt: skip
    written = run(put("0s", tags={"SS": ["m"]}), update).of(ItemWritten)[1]
    assert written.item["tags"] == {"SS": ["a", "b", "m", "q", "z"]}


def expiring(*entries: dict[str, Any], until: str = "3h") -> Played:
    table = make_table(TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
    return run(*entries, table=table, until=until)


def test_an_item_goes_some_time_after_its_time_to_live_and_is_read_until_then() -> None:
    read = call("11m", "dynamodb.get_item", TableName="orders", Key=KEY)
    played = expiring(put("0s", until={"N": str(EPOCH + 600)}), read)
    assert [fact.found for fact in played.of(ItemRead)] == [1]
    (gone,) = played.of(ItemDeleted)
    assert gone.expired
    assert gone.old == {**KEY, "until": {"N": str(EPOCH + 600)}}
    (at,) = played.times(ItemDeleted)
    assert 600 + 60 <= at <= 600 + 3_600
    assert played.summary["tables"]["orders"]["item_count"] == 0


def test_an_item_whose_time_was_put_off_stays() -> None:
    later = put("5m", until={"N": str(EPOCH + 20 * 3_600)})
    assert not expiring(put("0s", until={"N": str(EPOCH + 600)}), later).of(ItemDeleted)


@pytest.mark.parametrize(
    "value", [{"S": str(EPOCH)}, {"N": str(EPOCH - 6 * 365 * 86_400)}, {"N": "1e400"}, {"BOOL": True}]
)
def test_only_a_recent_number_is_a_time_to_live(value: Any) -> None:
    assert not expiring(put("0s", until=value)).of(ItemDeleted)


def test_waiting_for_an_expiry_does_not_keep_a_run_going() -> None:
    table = make_table(TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
    played = run(put("0s", until={"N": str(EPOCH + 600)}), table=table)
    assert played.summary["run"]["virtual_s"] < 1


def test_a_table_can_be_made_used_and_deleted_in_a_run() -> None:
    definition = make_table(TableName="mine")["Properties"] | {"BillingMode": "PAY_PER_REQUEST"}
    played = run(
        call("0s", "dynamodb.create_table", **definition),
        call("1s", "dynamodb.put_item", TableName="mine", Item=KEY),
        call("2s", "dynamodb.delete_table", TableName="mine"),
    )
    assert [fact.error for fact in played.of(ApiCalled)] == [None, None, None]
    assert played.of(ItemWritten)[0].key == KEY
    assert played.of(TableDeleted) == [TableDeleted("mine")]
    assert list(played.summary["tables"]) == ["orders"]


def test_a_table_tells_of_its_stream_and_its_arn_can_be_had() -> None:
    table = make_table(StreamSpecification={"StreamViewType": "NEW_AND_OLD_IMAGES"})
    template = make_template(Orders=table)
    variables = {"STREAM": {"Fn::GetAtt": "Orders.StreamArn"}}
    template["Resources"]["Work"]["Properties"]["Environment"] = {"Variables": variables}
    read = read_template({**CODE, **as_files(template)})
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2025-12-01T09:00:00.000"
    assert read.resources["Work"].properties["Environment"]["Variables"] == {"STREAM": arn}
    described: list[Any] = []
    dispatch = DynamoDbService.dispatch

    def noting(self: Any, request: Any) -> Any:
        answer = yield from dispatch(self, request)
        described.append(answer.output["Table"])  # type: ignore[union-attr]
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DynamoDbService, "dispatch", noting)
        play(template, steps(call("0s", "dynamodb.describe_table", TableName="orders")))
    assert described[0]["LatestStreamArn"] == arn
    assert described[0]["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"StreamSpecification": {"StreamViewType": "EVERYTHING"}}, "StreamSpecification needs a StreamViewType"),
        ({"StreamSpecification": "yes"}, "StreamSpecification needs a StreamViewType"),
        ({"TimeToLiveSpecification": {"Enabled": True}}, "TimeToLiveSpecification needs Enabled"),
    ],
)
def test_what_is_wrong_with_a_stream_or_a_time_to_live_is_said(properties: dict[str, Any], words: str) -> None:
    read = read_template({**CODE, **as_files(make_template(Orders=make_table(**properties)))})
    (problem,) = problems_of(read)
    assert words in problem.message
