"""EventBridge Scheduler: what is due when, and what is called."""

import datetime as dt
import json
from typing import Any

import pytest

from lambdalab.simulator.account import Principal
from lambdalab.simulator.account.faults import Fault
from lambdalab.simulator.account.iam import ADMINISTRATOR
from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.services.scheduler import SchedulerService
from lambdalab.simulator.trace.facts import (
    AsyncEventReceived,
    EventPut,
    MessageSent,
    ScheduleDeleted,
    ScheduleFired,
    TargetGivenUp,
    TargetRetried,
)
from tests.simulator.desk import output, refused
from tests.simulator.playing import Played, arn_of, make_function, make_queue, make_template, play, steps
from tests.simulator.services.events.desk import EventsDesk, failing

ROLE = "arn:aws:iam::123456789012:role/clock"
INBOX = arn_of("sqs", "inbox")
WORK = arn_of("lambda", "function:work")


class SchedulerDesk(EventsDesk):
    """An account whose role ``clock`` may do everything, at midnight of 1970."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*faults)
        self.scheduler = SchedulerService(self.world)
        self.scheduler.assume = self._assume

    def _assume(self, role: str, caller: Principal) -> Principal | None:
        return ADMINISTRATOR if role == ROLE and caller.arn == "scheduler.amazonaws.com" else None

    def create(self, expression: str = "rate(1 minute)", target: Any = None, **more: Any) -> Any:
        usual = {"Arn": INBOX, "RoleArn": ROLE} | (target or {})
        window = {"Mode": "OFF"}
        params = {"Name": "s", "ScheduleExpression": expression, "Target": usual, "FlexibleTimeWindow": window} | more
        return self.ask("scheduler", "CreateSchedule", params)

    def schedule(self, operation: str, **params: Any) -> Any:
        return self.ask("scheduler", operation, params)

    def bodies(self) -> list[str]:
        return [fact.body for fact in self.of(MessageSent)]


def test_a_target_gets_its_input_when_the_schedule_is_due() -> None:
    desk = SchedulerDesk()
    assert output(desk.create(target={"Input": "hello"})) == {"ScheduleArn": arn_of("scheduler", "schedule/default/s")}
    desk.wait(200)
    assert desk.bodies() == ["hello"] * 3
    assert len(desk.of(ScheduleFired)) == 3


def test_without_an_input_a_target_gets_the_default_notification() -> None:
    desk = SchedulerDesk()
    desk.create()
    desk.wait(70)
    event = json.loads(desk.bodies()[0])
    assert (event["source"], event["detail-type"], event["detail"]) == ("aws.scheduler", "Scheduled Event", "{}")
    assert event["resources"] == [arn_of("scheduler", "schedule/default/s")]


def test_context_attributes_are_filled_in() -> None:
    desk = SchedulerDesk(failing("sqs.send_message", "ServiceUnavailable", Micros(62_000_000)))
    text = "<aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time> <aws.scheduler.attempt-number>"
    desk.create(target={"Input": text + " <aws.scheduler.execution-id>"})
    desk.wait(100)
    name, when, attempt, execution = desk.bodies()[0].split()
    assert (name, when) == (arn_of("scheduler", "schedule/default/s"), "1970-01-01T00:01:00Z")
    assert int(attempt) == len(desk.of(TargetRetried)) + 1 > 1
    assert execution == desk.of(ScheduleFired)[0].execution_id


def test_a_moment_comes_once_within_its_minute() -> None:
    desk = SchedulerDesk()
    desk.create("at(1970-01-01T00:05:00)")
    desk.wait(3_600)
    assert [fact.due_us for fact in desk.of(ScheduleFired)] == [300_000_000]


def test_a_moment_is_read_in_its_time_zone() -> None:
    desk = SchedulerDesk()
    desk.create("at(1970-01-01T01:30:00)", ScheduleExpressionTimezone="Europe/Berlin")
    desk.wait(7_200)
    assert [fact.due_us for fact in desk.of(ScheduleFired)] == [1_800_000_000]


def test_a_schedule_runs_from_its_start_to_its_end() -> None:
    desk = SchedulerDesk()
    desk.create(
        "rate(10 minutes)",
        StartDate=dt.datetime(1970, 1, 1, 1, tzinfo=dt.UTC),
        EndDate=dt.datetime(1970, 1, 1, 1, 25, tzinfo=dt.UTC),
    )
    desk.wait(10_000)
    assert [fact.due_us // 60_000_000 for fact in desk.of(ScheduleFired)] == [60, 70, 80]


def test_a_schedule_may_delete_itself_when_it_is_over() -> None:
    desk = SchedulerDesk()
    desk.create("at(1970-01-01T00:01:00)", ActionAfterCompletion="DELETE")
    desk.wait(300)
    assert len(desk.of(ScheduleDeleted)) == 1
    assert refused(desk.schedule("GetSchedule", Name="s"))[1] == "ResourceNotFoundException"


def test_a_window_is_waited_out_by_at_most_its_length() -> None:
    window = {"FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}}
    played = with_template("rate(1 hour)", until="20h", **window)
    late = [
        at - fact.due_us / 1e6 for at, fact in zip(played.times(ScheduleFired), played.of(ScheduleFired), strict=True)
    ]
    assert all(0 <= each <= 900 for each in late)
    assert len({round(each) for each in late}) > 5


def test_a_schedule_that_is_updated_begins_anew_and_one_that_is_deleted_ends() -> None:
    desk = SchedulerDesk()
    desk.create()
    desk.wait(90)
    target = {"Arn": INBOX, "RoleArn": ROLE, "Input": "new"}
    output(
        desk.schedule(
            "UpdateSchedule",
            Name="s",
            ScheduleExpression="rate(2 minutes)",
            Target=target,
            FlexibleTimeWindow={"Mode": "OFF"},
        )
    )
    desk.wait(240)
    assert desk.bodies()[1:] == ["new", "new"]
    output(desk.schedule("DeleteSchedule", Name="s"))
    desk.wait(600)
    assert len(desk.bodies()) == 3
    assert output(desk.schedule("ListSchedules")) == {"Schedules": []}


def test_any_api_call_can_be_a_target() -> None:
    desk = SchedulerDesk()
    call = {"QueueUrl": "inbox", "MessageBody": "from <aws.scheduler.schedule-arn>"}
    universal = {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "Input": json.dumps(call)}
    output(desk.create("at(1970-01-01T00:01:00)", target=universal))
    desk.wait(200)
    assert desk.bodies() == [f"from {arn_of('scheduler', 'schedule/default/s')}"]


def test_a_bus_gets_an_event_with_the_input_as_detail() -> None:
    desk = SchedulerDesk()
    bus = {"Arn": arn_of("events", "event-bus/default"), "Input": '{"n": 1}',
           "EventBridgeParameters": {"Source": "clock", "DetailType": "Tick"}}  # fmt: skip
    desk.create(target=bus)
    desk.wait(70)
    (event,) = desk.of(EventPut)
    assert (event.source, event.detail_type, event.detail) == ("clock", "Tick", '{"n":1}')


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"expression": "cron(0 9 * * * *)"}, "Invalid Schedule Expression cron(0 9 * * * *)."),
        ({"expression": "at(1970-01-01T00:00:00Z)"}, "Invalid Schedule Expression at(1970-01-01T00:00:00Z)."),
        ({"ScheduleExpressionTimezone": "Atlantis"}, "Invalid ScheduleExpressionTimezone Atlantis."),
        ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "A FlexibleTimeWindow of Mode FLEXIBLE needs"),
        ({"FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 5}}, "A FlexibleTimeWindow of Mode OFF"),
        ({"target": {"Arn": "x"}}, "Provided Arn is not in correct format"),
        ({"target": {"Arn": WORK, "Input": "no json"}}, "Invalid RequestJson provided."),
        ({"target": {"RoleArn": "arn:aws:iam::123456789012:role/other"}}, "The execution role you provide must allow"),
        ({"target": {"Arn": arn_of("events", "event-bus/default")}}, "EventBridgeParameters must be specified"),
        ({"target": {"Arn": arn_of("sqs", "a.fifo")}}, "SqsParameters must be specified"),
        ({"target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:receiveMessage"}}, "arn:aws:scheduler:::aws-sdk:sqs"),
        ({"target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:fly"}}, "sqs:fly is no API action"),
        ({"target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "Input": "{}"}}, "Parameter valid"),
        ({"target": {"DeadLetterConfig": {"Arn": arn_of("sqs", "d.fifo")}}}, "1 validation error detected: Value"),
        ({"target": {"RetryPolicy": {"MaximumRetryAttempts": 186}}}, "1 validation error detected: Value '186'"),
        ({"Name": "a b"}, "1 validation error detected: Value 'a b' at 'name'"),
    ],
)  # fmt: skip
def test_a_schedule_that_is_wrong_is_refused(change: dict[str, Any], text: str) -> None:
    status, code, message = refused(SchedulerDesk().create(**change))
    assert (status, code) == (400, "ValidationException")
    assert message.startswith(text)


def test_groups_hold_schedules_and_take_them_along() -> None:
    desk = SchedulerDesk()
    assert refused(desk.create(GroupName="g"))[1] == "ResourceNotFoundException"
    output(desk.schedule("CreateScheduleGroup", Name="g"))
    assert refused(desk.schedule("CreateScheduleGroup", Name="g"))[1] == "ConflictException"
    output(desk.create(GroupName="g"))
    output(desk.create())
    assert refused(desk.create())[1] == "ConflictException"
    assert len(output(desk.schedule("ListSchedules", GroupName="g"))["Schedules"]) == 1
    assert output(desk.schedule("GetScheduleGroup", Name="g"))["State"] == "ACTIVE"
    output(desk.schedule("DeleteScheduleGroup", Name="g"))
    assert [each["GroupName"] for each in output(desk.schedule("ListSchedules"))["Schedules"]] == ["default"]
    assert refused(desk.schedule("DeleteScheduleGroup", Name="default"))[1] == "ValidationException"
    assert len(output(desk.schedule("ListScheduleGroups"))["ScheduleGroups"]) == 1


def test_what_cannot_be_delivered_goes_to_the_dead_letter_queue_with_the_words_of_the_guide() -> None:
    desk = SchedulerDesk(failing("lambda.invoke", "ServiceException"))
    target = {"Arn": WORK, "Input": '{"n": 1}', "DeadLetterConfig": {"Arn": arn_of("sqs", "dlq")},
              "RetryPolicy": {"MaximumRetryAttempts": 1}}  # fmt: skip
    desk.create("at(1970-01-01T00:01:00)", target=target)
    desk.wait(600)
    (given_up,) = desk.of(TargetGivenUp)
    assert (given_up.condition, given_up.attempts) == ("MaximumRetryAttempts", 2)
    (message,) = desk.of(MessageSent)
    assert message.body == '{"n": 1}'
    assert message.attributes == {
        "SCHEDULE_ARN": arn_of("scheduler", "schedule/default/s"),
        "TARGET_ARN": WORK,
        "SCHEDULED_TIME": "1970-01-01T00:01:00Z",
        "EXECUTION_ID": given_up.event_id,
        "IS_PAYLOAD_TRUNCATED": "false",
        "ERROR_CODE": "ERROR_FROM_TARGET",
        "ERROR_MESSAGE": "Injected by the scenario.",
        "RETRY_ATTEMPTS": "1",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
    }


def make_role(*actions: str, service: str = "scheduler.amazonaws.com") -> dict[str, Any]:
    trust = {"Statement": {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}}
    document = {"Statement": {"Effect": "Allow", "Action": list(actions) or ["logs:x"], "Resource": "*"}}
    policies = [{"PolicyName": "p", "PolicyDocument": document}]
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, "Policies": policies}}


def with_template(expression: str, role: Any = None, until: str | None = None, **more: Any) -> Played:
    properties = {
        "Name": "tick",
        "ScheduleExpression": expression,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": WORK, "RoleArn": {"Fn::GetAtt": ["Clock", "Arn"]}, "Input": "{}"},
    }
    schedule = {"Type": "AWS::Scheduler::Schedule", "Properties": properties | more}
    template = make_template(
        make_function(), Tick=schedule, Clock=role or make_role("lambda:InvokeFunction"), Dlq=make_queue()
    )
    return play(template, steps(**({"until": until} if until else {})))


@pytest.mark.rule("G.4-03")
def test_the_role_of_a_schedule_invokes_a_function_that_lets_nobody_in() -> None:
    played = with_template("rate(20 minutes)")
    assert len(played.of(AsyncEventReceived)) == 2
    assert played.summary["schedules"]["tick"] == {"due": 2, "delivered": 2, "failed": 0}
    assert played.summary["run"]["virtual_s"] == 3_600
    assert played.summary["buses"] == {}


def test_a_role_without_the_right_reaches_nobody() -> None:
    played = with_template("rate(30 minutes)", make_role())
    assert played.summary["schedules"]["tick"] == {"due": 1, "delivered": 0, "failed": 1}
    assert [fact.code for fact in played.of(TargetGivenUp)] == ["NO_PERMISSIONS"]


def test_an_invocation_of_the_scheduler_costs_a_millionth_of_a_dollar() -> None:
    idle = with_template("rate(2 hours)").summary["bill"]["total_usd"]
    assert idle == 0
    played = with_template("rate(10 minutes)", make_role())
    assert played.summary["bill"]["total_usd"] == pytest.approx(5e-6)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_no_schedule_begins_or_ends_outside_the_years_of_its_expressions(moment: str) -> None:
    desk = SchedulerDesk()
    for member in ("StartDate", "EndDate"):
        _, code, text = refused(desk.create(**{member: moment}))
        assert (code, f"The {member} you specify" in text) == ("ValidationException", True)
    wrong = desk.create("at(0001-01-01T00:00:00)", ScheduleExpressionTimezone="Europe/Berlin")
    assert refused(wrong)[1] == "ValidationException"


@pytest.mark.parametrize("text", ["5", "[1]", "null", '{"MessageBody": 1e999}', "[" * 5_000])
def test_the_input_of_any_call_is_an_object(text: str) -> None:
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "Input": text}
    assert "not valid JSON" in refused(SchedulerDesk().create(target=target))[2]
