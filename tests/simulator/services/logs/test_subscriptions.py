"""Log events on their way to a function."""

import importlib
import json
from typing import Any

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.template import read_template
from tests.simulator.playing import CODE, arn_of, as_files, call, invoke, play, steps

SAM = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Shop:
    Type: AWS::Serverless::Function
    Properties: {FunctionName: shop, CodeUri: src/, Handler: app.handler, Runtime: python3.13}
  ShopLogs:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: /aws/lambda/shop, RetentionInDays: 14}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Events:
        Errors:
          Type: CloudWatchLogs
          Properties: {LogGroupName: !Ref ShopLogs, FilterPattern: "REPORT"}
"""
PLAIN: dict[str, Any] = {
    "Type": "AWS::Logs::SubscriptionFilter",
    "Properties": {
        "LogGroupName": "app",
        "FilterPattern": "ERROR",
        "DestinationArn": arn_of("lambda", "function:work"),
    },
}


def problems(template: Any) -> list[Problem]:
    return problems_of(read_template({**CODE, **as_files(template)}))


def seen_by_work(template: Any, *entries: dict[str, Any]) -> list[Any]:
    seen: list[Any] = []

    def script(function: Any, event: Any, count: int) -> Act:
        if function.name == "work":
            seen.append(event)
        return Act()

    play(template, steps(*entries), script)
    return seen


def read(event: Any) -> Any:
    module = importlib.import_module("aws_lambda_powertools.utilities.parser.models")
    return module.CloudWatchLogsModel.model_validate(event).awslogs.decoded_data


def test_lines_of_a_function_reach_another() -> None:
    (event,) = seen_by_work(SAM, invoke(function="shop"))
    data = read(event)
    assert (data.messageType, data.owner, data.logGroup) == ("DATA_MESSAGE", "123456789012", "/aws/lambda/shop")
    assert [each.message.split()[0] for each in data.logEvents] == ["REPORT"]
    assert data.subscriptionFilters == [name for name in data.subscriptionFilters if "WorkErrors" in name]


def test_events_that_were_put_go_together() -> None:
    made = SAM.replace("/aws/lambda/shop", "app").replace('"REPORT"', '"ERROR"')
    put = [
        call("0s", "logs.create_log_stream", logGroupName="app", logStreamName="s"),
        *(
            call(at, "logs.put_log_events", logGroupName="app", logStreamName="s", logEvents=[
                {"timestamp": 1764579600000, "message": text} for text in (f"ERROR {at}", "fine")])
            for at in ("1s", "1.5s", "20s")
        ),
    ]  # fmt: skip
    seen = [[each.message for each in read(event).logEvents] for event in seen_by_work(made, *put)]
    assert seen == [["ERROR 1s", "ERROR 1.5s"], ["ERROR 20s"]]


def test_a_loop_is_warned_of() -> None:
    looped = SAM.replace("/aws/lambda/shop", "/aws/lambda/work")
    (found,) = problems(looped)
    assert found.severity == "warning"
    assert "each line that the function logs starts it again" in found.message


def plain(**properties: Any) -> dict[str, Any]:
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "app"}}
    work = {"Type": "AWS::Serverless::Function", "Properties": {
        "FunctionName": "work", "CodeUri": "src/", "Handler": "app.handler", "Runtime": "python3.13"}}  # fmt: skip
    made = {**PLAIN, "Properties": {**PLAIN["Properties"], **properties}}
    return {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Group": group, "Work": work, "Filter": made}}


def test_a_function_must_let_logs_in() -> None:
    (found,) = problems(plain())
    assert "Could not execute the lambda function." in found.message
    leave = {"Type": "AWS::Lambda::Permission", "Properties": {
        "Action": "lambda:InvokeFunction", "FunctionName": "work", "Principal": "logs.amazonaws.com",
        "SourceArn": {"Fn::GetAtt": ["Group", "Arn"]}}}  # fmt: skip
    template = plain()
    template["Resources"]["Leave"] = leave
    assert problems(template) == []


def test_wrong_filters_are_told() -> None:
    texts = [each.message for each in problems(plain(FilterPattern="{ $.a }"))]
    assert any("Invalid filter pattern" in text for text in texts)
    assert any("there is no log group no" in each.message for each in problems(plain(LogGroupName="no")))
    unknown = problems(plain(FilterPattern="%a+%"))
    assert any(each.severity == "unsupported" for each in unknown)


def test_a_group_keeps_its_lines_for_known_times_only() -> None:
    (found,) = problems(SAM.replace("RetentionInDays: 14", "RetentionInDays: 8"))
    assert "RetentionInDays must be one of 1, 3, 5" in found.message


def test_what_was_put_is_in_the_summary_and_can_be_read() -> None:
    made = SAM.replace("/aws/lambda/shop", "app")
    event = {"timestamp": 1764579600000, "message": "hello"}
    played = play(made, steps(
        call("0s", "logs.create_log_stream", logGroupName="app", logStreamName="s"),
        call("1s", "logs.put_log_events", logGroupName="app", logStreamName="s", logEvents=[event]),
        call("2s", "logs.get_log_events", logGroupName="app", logStreamName="s"),
    ))  # fmt: skip
    assert [line["text"] for line in played.summary["logs"]["app"]["lines"]] == ["hello"]
    assert json.dumps(played.summary).count("hello") >= 1


def test_what_a_function_logs_can_be_searched() -> None:
    search = call("5s", "logs.filter_log_events", logGroupName="/aws/lambda/shop", filterPattern="REPORT")
    played = play(SAM.replace('"REPORT"', '"NOTHING"'), steps(invoke(function="shop"), search))
    assert b"REPORT RequestId" in played.trace.split(b"filter_log_events")[-1] or b"FilterLogEvents" in played.trace
