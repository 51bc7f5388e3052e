import json
from typing import Any

import pytest

from lambdalab.simulator.account import Answer
from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import ApiCalled
from lambdalab.simulator.vocabulary.errors import AwsError
from tests.simulator.desk import Desk, refused
from tests.simulator.playing import CODE, arn_of, as_files, invoke, make_function, make_template, play, steps

ARN = arn_of("lambda", "function:work")
S3 = {"StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}


class Policies(Desk):
    """An account to whose functions permissions are added."""

    def add(self, **params: Any) -> Any:
        return self.call("AddPermission", **{**S3, **params})

    def statement(self, **params: Any) -> dict[str, Any]:
        answer = self.add(**params)
        assert isinstance(answer, Answer), answer
        assert answer.status == 201
        made: dict[str, Any] = json.loads(answer.output["Statement"])
        return made


@pytest.mark.rule("G.3-02")
def test_a_permission_makes_the_statement_that_aws_records() -> None:
    """G.3, the recorded statement."""
    assert Policies().statement(SourceArn="arn:aws:s3:::bucket", SourceAccount="123456789012") == {
        "Sid": "s3",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": ARN,
        "Condition": {
            "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::bucket"},
            "StringEquals": {"AWS:SourceAccount": "123456789012"},
        },
    }


@pytest.mark.rule("G.3-01")
@pytest.mark.parametrize(
    ("params", "condition"),
    [
        ({}, None),
        ({"EventSourceToken": "t"}, {"StringEquals": {"lambda:EventSourceToken": "t"}}),
        ({"PrincipalOrgID": "o-1234567890"}, {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}),
        (
            {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
            {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
        ),
        ({"InvokedViaFunctionUrl": True}, {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}),
    ],
)
def test_each_field_becomes_its_condition(params: dict[str, Any], condition: Any) -> None:
    """G.3."""
    assert Policies().statement(**params).get("Condition") == condition


@pytest.mark.rule("G.3-03")
@pytest.mark.parametrize(
    ("principal", "recorded"),
    [
        ("*", "*"),
        ("999999999999", {"AWS": "arn:aws:iam::999999999999:root"}),
        ("arn:aws:iam::999999999999:root", {"AWS": "arn:aws:iam::999999999999:root"}),
        ("arn:aws:iam::123456789012:role/shop/r", {"AWS": "arn:aws:iam::123456789012:role/shop/r"}),
        ("logs.us-east-1.amazonaws.com", {"Service": "logs.us-east-1.amazonaws.com"}),
    ],
)
def test_each_form_of_a_principal_is_recorded_as_aws_does(principal: str, recorded: Any) -> None:
    """G.3."""
    assert Policies().statement(Principal=principal)["Principal"] == recorded


@pytest.mark.rule("X.3-13")
@pytest.mark.parametrize("principal", ["nobody", "123", "arn:aws:iam::1:user/x", "example.org", "arn:aws:s3:::b"])
def test_a_principal_that_is_none_is_refused(principal: str) -> None:
    """X.3."""
    text = "The provided principal was invalid. Please check the principal and try again."
    assert refused(Policies().add(Principal=principal)) == (400, "InvalidParameterValueException", text)


@pytest.mark.rule("X.3-12")
def test_a_statement_id_is_used_once() -> None:
    """X.3."""
    desk = Policies()
    desk.statement()
    text = (
        "The statement id (s3) provided already exists. "
        "Please provide a new statement id, or remove the existing statement."
    )
    assert refused(desk.add()) == (409, "ResourceConflictException", text)


@pytest.mark.rule("G.3-05")
def test_the_latest_version_has_no_policy_of_its_own_and_others_do_not_exist() -> None:
    """G.3."""
    text = "We currently do not support adding policies for $LATEST."
    assert refused(Policies().add(Qualifier="$LATEST"))[2] == text
    assert refused(Policies().add(FunctionName="work:$LATEST"))[2] == text
    assert refused(Policies().add(Qualifier="7")) == (404, "ResourceNotFoundException", f"Function not found: {ARN}:7")
    assert refused(Policies().add(FunctionName="nobody"))[1] == "ResourceNotFoundException"


def test_other_wrong_parameters_get_aws_s_text() -> None:
    assert "Value 'a b' at 'statementId' failed to satisfy constraint" in refused(Policies().add(StatementId="a b"))[2]
    text = "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action"
    assert refused(Policies().add(FunctionUrlAuthType="NONE"))[2] == text


@pytest.mark.rule("G.3-02")
def test_the_policy_is_read_whole_with_its_revision() -> None:
    """G.3."""
    desk = Policies()
    first, second = desk.statement(), desk.statement(StatementId="s4")
    output = desk.call("GetPolicy").output
    assert json.loads(output["Policy"]) == {"Version": "2012-10-17", "Id": "default", "Statement": [first, second]}
    assert len(output["RevisionId"]) == 36


@pytest.mark.rule("X.3-18")
def test_a_change_that_names_another_revision_is_refused() -> None:
    """X.3."""
    desk = Policies()
    desk.statement()
    old = desk.call("GetPolicy").output["RevisionId"]
    desk.statement(StatementId="s4", RevisionId=old)
    status, code, text = refused(desk.add(StatementId="s5", RevisionId=old))
    assert (status, code) == (412, "PreconditionFailedException")
    assert text == (
        "The Revision Id provided does not match the latest Revision Id. "
        "Call the GetPolicy API to retrieve the latest Revision Id"
    )
    assert refused(desk.call("RemovePermission", StatementId="s3", RevisionId=old))[2].endswith(
        "Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
    )


@pytest.mark.rule("X.3-14")
def test_a_removed_permission_is_gone_and_so_is_an_empty_policy() -> None:
    """X.3."""
    desk = Policies()
    missing = (404, "ResourceNotFoundException", "The resource you requested does not exist.")
    assert refused(desk.call("GetPolicy")) == missing
    assert refused(desk.call("RemovePermission", StatementId="s3"))[2] == (
        "No policy is associated with the given resource."
    )
    desk.statement()
    unknown = desk.call("RemovePermission", StatementId="s4")
    assert refused(unknown)[2] == "Statement s4 is not found in resource policy."
    assert desk.call("RemovePermission", StatementId="s3").status == 204
    assert refused(desk.call("GetPolicy")) == missing
    assert desk.world.iam.policy_of(ARN) is None


@pytest.mark.rule("G.3-06")
def test_a_policy_has_at_most_20480_bytes() -> None:
    """G.3."""
    desk, answer, number = Policies(), None, 0
    while not isinstance(answer, AwsError):
        number += 1
        desk.wait(0.1)  # the control plane takes 15 calls a second
        answer = desk.add(StatementId=f"s{number}", SourceArn=f"arn:aws:s3:::{'b' * 900}")
    assert answer.code == "PolicyLengthExceededException"
    assert answer.message.endswith("is bigger than the limit (20480).")
    assert number == 19


def permission(**properties: Any) -> list[str]:
    usual = {"Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "Work"}, "Principal": "s3.amazonaws.com"}
    made = {"Type": "AWS::Lambda::Permission", "Properties": {**usual, **properties}}
    template = make_template(make_function(), P=made)
    return [problem.message for problem in problems_of(read_template({**CODE, **as_files(template)}))]


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"Principal": "nobody"}, "P: The provided principal was invalid. Please check the principal and try again."),
        ({"FunctionName": "nobody"}, f"P: Function not found: {arn_of('lambda', 'function:nobody')}"),
        ({"FunctionName": "work:live"}, f"P: Function not found: {ARN}:live"),
        ({"Principal": None}, "P: a permission needs Principal."),
        ({"Colour": "red"}, "P: the property Colour of AWS::Lambda::Permission has no effect in lambdalab yet."),
    ],
)
def test_a_wrong_permission_of_a_template_is_refused(properties: dict[str, Any], text: str) -> None:
    assert permission(**properties) == [text]


def test_a_right_permission_of_a_template_is_fine() -> None:
    assert permission(FunctionName={"Fn::GetAtt": "Work.Arn"}, SourceArn="arn:aws:s3:::b") == []


@pytest.mark.rule("G.3-04", "K.4-05")
def test_each_alias_has_a_policy_of_its_own() -> None:
    """G.3: a permission for the function's bare name is none for its aliases, and the other way round."""
    version = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Work"}}}
    number = {"Fn::GetAtt": ["Version", "Version"]}
    alias = {"FunctionName": {"Ref": "Work"}, "Name": "live", "FunctionVersion": number}
    allowed = {"FunctionName": {"Ref": "Live"}, "Action": "lambda:InvokeFunction", "Principal": "999999999999"}
    template = make_template(
        Version=version,
        Live={"Type": "AWS::Lambda::Alias", "Properties": alias},
        Partner={"Type": "AWS::Lambda::Permission", "Properties": allowed},
    )
    partner = {"as": "arn:aws:iam::999999999999:user/partner", "kind": "RequestResponse"}
    names = ("work", "work:live", "work:1")
    played = play(template, steps(*(invoke(f"{n}s", function=name, **partner) for n, name in enumerate(names))))
    assert [fact.error for fact in played.of(ApiCalled)] == ["AccessDeniedException", None, "AccessDeniedException"]


def test_the_policy_of_an_alias_or_a_version_goes_with_it() -> None:
    desk = Policies()
    desk.call("PublishVersion")
    alias = {"Name": "live", "FunctionVersion": "1"}
    desk.call("CreateAlias", **alias)
    desk.statement(Qualifier="live")
    desk.statement(Qualifier="1")
    desk.call("DeleteAlias", Name="live")
    desk.call("CreateAlias", **alias)
    assert refused(desk.call("GetPolicy", Qualifier="live"))[0] == 404
    desk.call("DeleteAlias", Name="live")
    desk.call("DeleteFunction", Qualifier="1")
    assert desk.world.iam.policy_of(f"{ARN}:1") is None
