"""Updates of mappings, rules, schedules, machines, buckets' notifications, tables' streams, and what functions come."""

import json
from typing import Any

import pytest

from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.trace.explain import Explainer
from lambdalab.simulator.trace.facts import (
    ApiCalled,
    BatchSent,
    InvocationStarted,
    MachineDeployed,
    MappingStateChanged,
    StackResourceChanged,
    StepPlayed,
)
from tests.simulator import streams
from tests.simulator.playing import arn_of, call, invoke, make_function, make_queue, make_template
from tests.simulator.project.updating.updates import changes, ended, reason, update
from tests.simulator.services.events.rules import BUS, INVOKE, make_rule
from tests.simulator.services.events.rules import put as put_event
from tests.simulator.services.s3.buckets import PERMISSION, make_bucket, put, tell, telling, versioned

WORK = arn_of("lambda", "function:work")


def mapping(**properties: Any) -> dict[str, Any]:
    usual = {"EventSourceArn": arn_of("sqs", "orders"), "FunctionName": "work"}
    return {"Type": "AWS::Lambda::EventSourceMapping", "Properties": usual | properties}


def sent(at: str, **more: Any) -> dict[str, Any]:
    return call(at, "sqs.send_message", QueueUrl="Orders", MessageBody="{}", **more)


def test_a_mapping_that_is_new_polls_a_little_later() -> None:
    parts = {"Orders": make_queue("orders")}
    played = update(parts, parts | {"Poll": mapping()}, sent("1s"))
    assert played.summary["queues"]["orders"]["visible"] == 0
    assert played.times(BatchSent)[0] > 10
    assert played.summary["mappings"]["Poll"]["records"] == 1


def test_a_mappings_settings_change_in_place() -> None:
    parts = {"Orders": make_queue("orders")}
    filtered = mapping(FilterCriteria={"Filters": [{"Pattern": json.dumps({"body": {"kind": ["order"]}})}]})
    played = update(parts | {"Poll": mapping()}, parts | {"Poll": filtered}, sent("1s"), sent("3m"))
    assert changes(played)[0][:2] == ("Poll", "updated")
    assert played.summary["mappings"]["Poll"]["records"] == 1
    assert played.summary["mappings"]["Poll"]["filtered"] == 1


def test_a_mapping_that_leaves_the_template_polls_no_more() -> None:
    parts = {"Orders": make_queue("orders")}
    played = update(parts | {"Poll": mapping()}, parts, sent("1s"), sent("3m"))
    assert played.summary["queues"]["orders"]["visible"] == 1
    assert [fact.state for fact in played.of(MappingStateChanged)][-1] == "Deleted"


def test_a_queue_and_its_mapping_may_be_replaced_together() -> None:
    after = {"Orders": make_queue("bills"), "Poll": mapping(EventSourceArn=arn_of("sqs", "bills"))}
    before = {"Orders": make_queue("orders"), "Poll": mapping()}
    played = update(before, after, sent("1s"), sent("3m"))
    assert [(name, word) for name, word, _ in changes(played)] == [
        ("Orders", "replaced"), ("Poll", "replaced"), ("Poll", "deleted"), ("Orders", "deleted"),
    ]  # fmt: skip
    assert played.summary["functions"]["work"]["invocations"] == 2


def test_another_starting_position_is_refused_because_the_pair_has_its_mapping() -> None:
    parts = {"Clicks": streams.make_stream()}
    later = streams.make_mapping(StartingPosition="LATEST")
    played = update(parts | {"Poll": streams.make_mapping()}, parts | {"Poll": later})
    assert ended(played) == "UPDATE_ROLLBACK_COMPLETE"
    assert "already exists" in reason(played)


def test_a_rule_gets_another_pattern_and_other_targets() -> None:
    parts = {"Bus": BUS, "May": INVOKE}
    before, after = make_rule(WORK), make_rule(WORK, EventPattern={"source": ["office"]})
    played = update(
        parts | {"Rule": before}, parts | {"Rule": after}, put_event({}, at="1s"), put_event({}, at="20s"),
        put_event({}, at="30s", Source="office"),
    )  # fmt: skip
    assert [round(at) for at in played.times(InvocationStarted)] == [1, 30]
    calls = [fact.operation for fact in played.of(ApiCalled) if fact.source == "cloudformation"]
    assert calls == ["PutRule", "PutTargets"]


def test_a_rule_that_leaves_the_template_goes_with_its_targets() -> None:
    parts = {"Bus": BUS}
    before = parts | {"Rule": make_rule(WORK), "May": INVOKE}
    played = update(before, parts, put_event({}, at="1s"), put_event({}, at="20s"))
    assert len(played.of(InvocationStarted)) == 1
    assert [each[:2] for each in changes(played)] == [("Rule", "deleted"), ("May", "deleted")]


def test_a_schedule_that_is_new_keeps_the_run_going_for_an_hour() -> None:
    rule = make_rule(WORK, EventBusName=None, EventPattern=None, ScheduleExpression="rate(10 minutes)")
    played = update({}, {"Rule": rule, "May": INVOKE})
    assert played.summary["functions"]["work"]["invocations"] == 5


def clock(**properties: Any) -> dict[str, Any]:
    target = {"Arn": WORK, "RoleArn": {"Fn::GetAtt": "Role.Arn"}}
    usual = {"Name": "due", "ScheduleExpression": "rate(5 minutes)", "FlexibleTimeWindow": {"Mode": "OFF"}}
    return {"Type": "AWS::Scheduler::Schedule", "Properties": usual | {"Target": target} | properties}


def trusting(*services: str, **resources: Any) -> dict[str, Any]:
    """A template whose role may be assumed by these services, too."""
    text = json.dumps(make_template(**resources))
    template: dict[str, Any] = json.loads(
        text.replace('"lambda.amazonaws.com"', json.dumps(["lambda.amazonaws.com", *services]))
    )
    return template


def test_a_schedule_changes_and_goes() -> None:
    before = trusting("scheduler.amazonaws.com", Due=clock())
    slower = trusting("scheduler.amazonaws.com", Due=clock(ScheduleExpression="rate(20 minutes)"))
    assert update(before, slower).summary["functions"]["work"]["invocations"] == 2  # after 20 and 40 minutes
    gone = update(before, trusting("scheduler.amazonaws.com"), until="1h")
    assert gone.summary["functions"].get("work", {}).get("invocations", 0) == 0
    assert changes(gone) == [("Due", "deleted", "due")]


def machine(seconds_: int, **properties: Any) -> dict[str, Any]:
    states = {"A": {"Type": "Wait", "Seconds": seconds_, "End": True}}
    usual = {"StateMachineName": "m", "Definition": {"StartAt": "A", "States": states}}
    role = {"RoleArn": {"Fn::GetAtt": "Role.Arn"}}
    return {"Type": "AWS::StepFunctions::StateMachine", "Properties": usual | role | properties}


def test_an_execution_under_way_goes_on_with_the_definition_with_which_it_began() -> None:
    before, after = (trusting("states.amazonaws.com", M=machine(n)) for n in (30, 3))
    start = [call(at, "stepfunctions.start_execution", stateMachineArn="M", name=f"at-{at}") for at in ("5s", "20s")]
    played = update(before, after, *start)
    took = {each["name"]: round(each["duration_s"]) for each in played.summary["machines"]["m"]["ended"]}
    assert took == {"at-5s": 30, "at-20s": 3}
    assert len(played.of(MachineDeployed)) == 2


def test_a_buckets_notifications_and_versions_change() -> None:
    plain, notifying = make_bucket(), versioned(**telling(tell(suffix=".jpg")))
    keys = [put(at, key) for at, key in (("1s", "a.jpg"), ("20s", "b.jpg"), ("30s", "b.jpg"), ("40s", "b.txt"))]
    played = update({"Photos": plain}, {"Photos": notifying, "May": PERMISSION}, *keys)
    assert played.summary["functions"]["work"]["invocations"] == 2
    assert played.summary["buckets"]["photos"]["objects"]["b.jpg"]["versions"] == 2
    back = update({"Photos": notifying, "May": PERMISSION}, {"Photos": plain}, *keys)
    assert back.summary["functions"]["work"]["invocations"] == 1


def test_a_bucket_that_is_not_empty_stays_and_the_update_is_complete_all_the_same() -> None:
    played = update({"Photos": make_bucket()}, {"Q": make_queue("q")}, put("1s", "a"))
    assert ended(played) == "UPDATE_COMPLETE"
    (failed,) = [fact for fact in played.of(StackResourceChanged) if fact.action == "failed"]
    assert "The bucket you tried to delete is not empty" in (failed.reason or "")
    assert changes(update({"Photos": make_bucket()}, {"Q": make_queue("q")}))[-1] == ("Photos", "deleted", "photos")


def item(at: str) -> dict[str, Any]:
    return call(at, "dynamodb.put_item", TableName="orders", Item={"id": {"S": at}})


def test_a_table_gets_a_stream_and_loses_it() -> None:
    plain = streams.make_table()
    del plain["Properties"]["StreamSpecification"]
    with_stream = {"Orders": streams.make_table(), "Poll": streams.make_mapping(streams.ORDERS)}
    played = update({"Orders": plain}, with_stream, item("1s"), item("2m"))
    assert played.summary["mappings"]["Poll"]["records"] == 1
    back = update(with_stream, {"Orders": plain}, item("1s"), item("2m"))
    assert back.summary["streams"]["orders"]["records"] == 1
    with pytest.raises(ProjectError, match="cannot change StreamSpecification of AWS::DynamoDB::Table yet"):
        update({"Orders": streams.make_table()}, {"Orders": streams.make_table(view="KEYS_ONLY")})


def test_a_stream_gets_more_shards_and_a_parameter_another_value() -> None:
    def parameter(value: str) -> dict[str, Any]:
        return {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/p", "Type": "String", "Value": value}}

    before = {"Clicks": streams.make_stream(), "P": parameter("a")}
    played = update(before, {"Clicks": streams.make_stream(ShardCount=2), "P": parameter("b")}, invoke("2m"))
    assert len(played.summary["streams"]["clicks"]["shards"]) == 3
    assert [each[:2] for each in changes(played)] == [("P", "updated"), ("Clicks", "updated")]


def test_a_new_function_with_its_queue_and_mapping_and_away_again() -> None:
    more = make_template(
        make_function(), make_function("extra"), Orders=make_queue("orders"), Poll=mapping(FunctionName="extra")
    )
    played = update(make_template(), more, sent("60s"))
    assert played.summary["functions"]["extra"]["invocations"] == 1
    back = update(more, make_template(), sent("1s"), invoke("60s", function="extra", kind="RequestResponse"))
    assert [each[0] for each in changes(back)] == ["Poll", "Extra", "Orders"]
    assert back.of(StepPlayed)[-1].outcome.startswith("404 ")


def test_what_fails_at_the_end_takes_everything_back_that_was_made_before() -> None:
    """Somebody has made a rule of this name by hand."""
    stray = call("1s", "events.put_rule", Name="orders", EventBusName="shop", EventPattern='{"source": ["a"]}')
    more = {"Extra": make_queue("extra"), "Clicks": streams.make_stream(), "Rule": make_rule(WORK), "May": INVOKE}
    gone = call(
        "60s", "sqs.send_message", QueueUrl="https://sqs.us-east-1.amazonaws.com/123456789012/extra", MessageBody="x"
    )
    played = update({"Bus": BUS}, {"Bus": BUS, **more}, stray, gone)
    assert ended(played) == "UPDATE_ROLLBACK_COMPLETE"
    assert reason(played) == "Rule: Resource of type 'AWS::Events::Rule' with identifier 'orders' already exists."
    assert changes(played)[-1] == ("Rule", "failed", "orders")
    assert played.of(StepPlayed)[-1].outcome.startswith("400 ")
    calls = [(fact.operation, fact.status) for fact in played.of(ApiCalled) if fact.source == "cloudformation"]
    assert calls == [("DeleteStream", 200)]


def test_an_update_is_told_resource_by_resource() -> None:
    played = update({"Orders": make_queue("orders")}, {"Orders": make_queue("orders", DelaySeconds=1)})
    explainer = Explainer()
    told = [explainer.explain(stamped) for stamped in played.facts]
    assert "Orders (AWS::SQS::Queue) is updated: orders." in told
    assert 10 < played.times(StackResourceChanged)[0] < 11
