from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import AccessDenied, DestinationFailed
from tests.simulator.playing import (
    CODE,
    arn_of,
    as_files,
    invoke,
    make_event_invoke,
    make_function,
    make_queue,
    make_template,
    play,
    steps,
)

DLQ = {"DeadLetterConfig": {"TargetArn": arn_of("sqs", "dlq")}}
TO_TOPIC = {"DeadLetterConfig": {"TargetArn": arn_of("sns", "news")}}
NEWS = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news"}}


def problems(template: dict[str, Any]) -> list[Problem]:
    return problems_of(read_template({**CODE, **as_files(template)}))


@pytest.mark.rule("E.2-07")
@pytest.mark.parametrize(("target", "call"), [(DLQ, "SendMessage on SQS"), (TO_TOPIC, "Publish on SNS")])
def test_a_dead_letter_queue_that_the_role_may_not_send_to_is_refused(target: Any, call: str) -> None:
    """E.2: Lambda checks it when it is configured."""
    template = make_template(make_function(**target), allow=["logs:*"], Dlq=make_queue(), News=NEWS)
    (problem,) = problems(template)
    assert problem.severity == "error"
    assert problem.message == f"Work: The provided execution role does not have permissions to call {call}."
    assert problem.fix.startswith("Denied: the role Role has no statement that allows s")
    with pytest.raises(ProjectError):
        play(template, steps())


@pytest.mark.rule("E.1-13", "G.4-06")
def test_a_destination_that_the_role_may_not_send_to_is_a_warning_and_a_run_shows_the_loss() -> None:
    """E.1, G.4."""
    config = make_event_invoke(success=arn_of("sqs", "dlq"))
    template = make_template(make_function(), allow=["logs:*"], Dlq=make_queue(), Config=config)
    (problem,) = problems(template)
    assert problem.severity == "warning"
    start = f"Config: its records will not reach {arn_of('sqs', 'dlq')}: the role Role has no statement that allows"
    assert problem.message.startswith(start)
    played = play(template, steps(invoke()))
    assert len(played.of(DestinationFailed)) == len(played.of(AccessDenied)) == 1


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize(("protocol", "target"), [("sqs", "q"), ("lambda", "function:work")])
def test_a_subscriber_whose_policy_lets_no_topic_in_is_a_warning(apart: bool, protocol: str, target: str) -> None:
    """G.4."""
    entry = {"Protocol": protocol, "Endpoint": arn_of(protocol, target)}
    topic: dict[str, Any] = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news"}}
    more: dict[str, Any] = {"News": topic}
    if apart:
        own = {**entry, "TopicArn": {"Ref": "News"}}
        more["Subscribed"] = {"Type": "AWS::SNS::Subscription", "Properties": own}
    else:
        topic["Properties"]["Subscription"] = [entry]
    (problem,) = problems(make_template(make_function(), Q=make_queue("q"), **more))
    assert problem.severity == "warning"
    assert "this subscription will deliver nothing: " in problem.message
    assert "has no policy of its own that allows the service sns.amazonaws.com" in problem.message


def test_what_is_allowed_is_no_problem() -> None:
    """The queue's own policy lets the role in, the function's the topic: in one account either side is enough."""
    config = make_event_invoke(success=arn_of("sqs", "dlq"))
    statement = {"Effect": "Allow", "Principal": {"AWS": {"Fn::GetAtt": "Role.Arn"}}, "Action": "sqs:SendMessage"}
    policy = {"Queues": [{"Ref": "Dlq"}], "PolicyDocument": {"Statement": statement}}
    permission = {"Action": "lambda:InvokeFunction", "FunctionName": "work", "Principal": "sns.amazonaws.com"}
    subscribed = [{"Protocol": "lambda", "Endpoint": arn_of("lambda", "function:work")}]
    template = make_template(
        make_function(**DLQ),
        allow=["logs:*"],
        Dlq=make_queue(),
        Config=config,
        News={"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news", "Subscription": subscribed}},
        Policy={"Type": "AWS::SQS::QueuePolicy", "Properties": policy},
        Permission={"Type": "AWS::Lambda::Permission", "Properties": permission},
    )
    assert problems(template) == []


SAM = """\
Resources:
  Work:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src/
      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Q.Arn}
      EventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: SQS, Destination: !GetAtt Q.Arn}}}
      Events:
        News: {Type: SNS, Properties: {Topic: !Ref News}}
  News: {Type: AWS::SNS::Topic}
  Q: {Type: AWS::SQS::Queue}
"""


def test_sam_gives_the_rights_that_its_short_forms_need() -> None:
    assert problems_of(read_template({**CODE, "template.yaml": SAM.encode()})) == []
