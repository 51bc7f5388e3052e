"""Tables with provisioned capacity: what calls use up, and when they are refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.services.dynamodb.throughput import item_bytes, tables_of
from lambdalab.simulator.trace.facts import ApiCalled, ItemWritten
from tests.simulator.playing import Played, call, make_template, play, steps
from tests.simulator.services.dynamodb.test_changes import KEY, make_table, put

EXCEEDED = "ProvisionedThroughputExceededException"


def provisioned(read: int = 1, write: int = 1) -> dict[str, Any]:
    units = {"ReadCapacityUnits": read, "WriteCapacityUnits": write}
    return make_table(BillingMode="PROVISIONED", ProvisionedThroughput=units)


def run(*entries: dict[str, Any], table: dict[str, Any] | None = None) -> Played:
    return play(make_template(Orders=table or provisioned()), steps(*entries))


def errors(played: Played) -> list[str | None]:
    return [fact.error for fact in played.of(ApiCalled)]


def test_a_table_without_capacity_left_refuses_until_time_has_passed() -> None:
    played = run(put("0s"), put("100ms"), put("200ms"), put("3s"))
    assert errors(played) == [None, None, EXCEEDED, None]
    assert len(played.of(ItemWritten)) == 3


def test_what_is_not_used_is_kept_for_five_minutes() -> None:
    after = [put(f"{600_000 + number}ms") for number in range(400)]
    refused = errors(run(*after)).count(EXCEEDED)
    assert 90 <= refused <= 100  # 300 s of one unit, and what grows back meanwhile


def test_a_larger_item_uses_more() -> None:
    large = put("0s", text={"S": "x" * 5_000})
    assert errors(run(large, put("2s"), put("7s"))) == [None, EXCEEDED, None]


def test_a_transaction_uses_twice_as_much() -> None:
    action = {"Put": {"TableName": "orders", "Item": KEY}}
    transact = call("0s", "dynamodb.transact_write_items", TransactItems=[action])
    assert errors(run(transact, put("500ms"))) == [None, EXCEEDED]
    assert errors(run(put("0s"), put("500ms"))) == [None, None]


@pytest.mark.parametrize(("consistent", "refused"), [(False, 0), (True, 1)])
def test_a_consistent_read_uses_twice_as_much(consistent: bool, refused: int) -> None:
    get = {"TableName": "orders", "Key": KEY, "ConsistentRead": consistent}
    reads = [call(f"{500 + 10 * number}ms", "dynamodb.get_item", **get) for number in range(3)]
    played = run(*reads, table=provisioned(read=1, write=1))
    assert errors(played).count(EXCEEDED) == refused


def test_tables_on_demand_never_refuse() -> None:
    assert set(errors(run(*(put(f"{number}ms") for number in range(50)), table=make_table()))) == {None}


def test_capacity_can_be_changed_in_a_run() -> None:
    units = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 50}
    more = call("0s", "dynamodb.update_table", TableName="orders", ProvisionedThroughput=units)
    assert errors(run(more, *(put(f"{1000 + number}ms") for number in range(40)))).count(EXCEEDED) == 0


def test_every_table_of_a_call_counts() -> None:
    items = [{"Put": {"TableName": "b", "Item": {}}}, {"Delete": {"TableName": "a", "Key": {}}}]
    assert tables_of({"TransactItems": items}) == ["b", "a"]
    assert tables_of({"RequestItems": {"a": [], "arn:aws:dynamodb:us-east-1:123456789012:table/c": []}}) == ["a", "c"]


VALUES = st.recursive(
    st.one_of(
        st.builds(lambda text: {"S": text}, st.text(max_size=8)),
        st.builds(lambda number: {"N": str(number)}, st.integers()),
        st.just({"BOOL": True}),
    ),
    lambda inner: st.one_of(
        st.builds(lambda items: {"L": items}, st.lists(inner, max_size=3)),
        st.builds(lambda items: {"M": items}, st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.text(min_size=1, max_size=5), VALUES, max_size=4), st.text(max_size=8))
def test_one_more_attribute_never_makes_an_item_smaller(item: dict[str, Any], text: str) -> None:
    assert item_bytes({**item, "another name": {"S": text}}) > item_bytes(item) >= 0
