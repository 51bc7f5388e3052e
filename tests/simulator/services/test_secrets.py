"""Who may read parameters and secrets and use keys, and what templates may say of them."""

from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import ApiCalled, StackUpdateEnded, StepPlayed
from lambdalab.simulator.vocabulary.arns import key_id, secret_arn
from tests.simulator.playing import ACCOUNT, CODE, as_files, call, invoke, make_function, make_template, play, steps

RATE = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/shop/rate", "Type": "String", "Value": "1.1"}}
LOGIN = {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "login", "SecretString": "hush"}}
PARAMETER = f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/shop/rate"


def outcome(service: str, operation: str, params: dict[str, Any], *statements: dict[str, Any], **more: Any) -> Any:
    """The error code and text of one call by a function whose role has these statements."""
    template = make_template(make_function(), Rate=RATE, Login=LOGIN, **more)
    document = {"Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}, *statements]}
    template["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"] = document
    act = Act(calls=((service, operation, params),))
    played = play(template, steps(invoke(kind="RequestResponse")), act)
    (called,) = (fact for fact in played.of(ApiCalled) if fact.service == service)
    return called.error, called.message


def allow(action: str, resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def test_a_parameter_is_named_by_its_arn_with_one_slash() -> None:
    get = ("ssm", "GetParameter", {"Name": "/shop/rate"})
    assert outcome(*get, allow("ssm:GetParameter", PARAMETER)) == (None, None)
    code, text = outcome(*get)
    assert code == "AccessDeniedException"
    assert f"ssm:GetParameter on resource: {PARAMETER} because no identity-based policy" in text


def test_several_parameters_need_a_right_each() -> None:
    names = {"Names": ["/shop/rate", "/shop/other"]}
    assert outcome("ssm", "GetParameters", names, allow("ssm:*", PARAMETER))[0] == "AccessDeniedException"
    assert outcome("ssm", "GetParameters", names, allow("ssm:GetParameters")) == (None, None)


def test_a_secret_is_named_by_its_whole_arn() -> None:
    get = ("secretsmanager", "GetSecretValue", {"SecretId": "login"})
    arn = secret_arn("login")
    assert outcome(*get, allow("secretsmanager:GetSecretValue", arn)) == (None, None)
    assert outcome(*get, allow("secretsmanager:*", arn[:-7]))[0] == "AccessDeniedException"
    assert outcome(*get, allow("secretsmanager:*", f"{arn[:-6]}??????"))[0] is None


def test_a_secret_that_is_not_there_says_so() -> None:
    get = ("secretsmanager", "GetSecretValue", {"SecretId": "nothing"})
    code, text = outcome(*get, allow("secretsmanager:*"))
    assert (code, text) == ("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")


def make_key(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::KMS::Key", "Properties": properties}


def template_key_id() -> str:
    read = read_template({**CODE, **as_files(make_template(Key=make_key()))})
    return key_id(read.name(read.resources["Key"]))


@pytest.mark.parametrize(
    ("properties", "statements", "expected"),
    [
        ({}, [allow("kms:Encrypt")], None),
        ({}, [], "AccessDeniedException"),
        ({"Enabled": False}, [allow("kms:Encrypt")], "DisabledException"),
        ({"KeyPolicy": {"Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ada"},
                                       "Action": "kms:*", "Resource": "*"}]}},
         [allow("kms:Encrypt")], "AccessDeniedException"),
    ],
)  # fmt: skip
def test_a_key_must_be_enabled_and_both_sides_must_allow(
    properties: dict[str, Any], statements: list[dict[str, Any]], expected: str | None
) -> None:
    params = {"KeyId": template_key_id(), "Plaintext": b"hush"}
    assert outcome("kms", "Encrypt", params, *statements, Key=make_key(**properties))[0] == expected


def test_a_key_that_is_not_there_says_so() -> None:
    params = {"KeyId": "alias/nothing", "Plaintext": b"x"}
    assert outcome("kms", "Encrypt", params, allow("kms:*"))[0] == "NotFoundException"


def test_everybody_may_ask_who_they_are_and_nobody_becomes_another() -> None:
    assert outcome("sts", "GetCallerIdentity", {}) == (None, None)
    params = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/other", "RoleSessionName": "me"}
    assert outcome("sts", "AssumeRole", params)[0] == "NotSimulated"


@pytest.mark.parametrize(
    ("kind", "properties", "words"),
    [
        ("AWS::SSM::Parameter", {"Type": "SecureString", "Value": "x"}, "CloudFormation cannot make a SecureString"),
        ("AWS::SSM::Parameter", {"Type": "String"}, "a parameter needs a Value"),
        ("AWS::SecretsManager::Secret", {"SecretString": "x", "GenerateSecretString": {}}, "not both"),
        ("AWS::SecretsManager::Secret", {"GenerateSecretString": {"Length": 3}}, "GenerateSecretString has no Length"),
        ("AWS::SecretsManager::Secret", {"GenerateSecretString": {"GenerateStringKey": "k"}}, "go together"),
        ("AWS::SecretsManager::Secret",
         {"GenerateSecretString": {"GenerateStringKey": "k", "SecretStringTemplate": "[]"}}, "must be JSON, an object"),
        ("AWS::SecretsManager::Secret", {"GenerateSecretString": "yes"}, "must be a mapping"),
        ("AWS::KMS::Alias", {"AliasName": "shop", "TargetKeyId": "nothing"}, "AliasName begins with alias/"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_template_is_said(kind: str, properties: dict[str, Any], words: str) -> None:
    template = make_template(It={"Type": kind, "Properties": properties})
    found = problems_of(read_template({**CODE, **as_files(template)}))
    assert words in found[0].message


def with_variable(text: str) -> dict[str, Any]:
    environment = {"Variables": {"VALUE": text}}
    return make_template(make_function(Environment=environment), Rate=RATE, Login=LOGIN)


@pytest.mark.parametrize(
    "reference",
    ["ssm:/shop/none", "ssm:/shop/rate:7", "secretsmanager:none", "secretsmanager:login:SecretString:key", "magic:x"],
)
def test_a_reference_that_leads_to_nothing_stops_the_run_with_its_line(reference: str) -> None:
    with pytest.raises(ProjectError) as refused:
        play(with_variable(f"{{{{resolve:{reference}}}}}"), steps())
    (problem,) = refused.value.problems
    assert problem.message == f"Work: the dynamic reference {{{{resolve:{reference}}}}} leads to nothing."


def test_an_update_of_the_stack_looks_references_up_again() -> None:
    files = as_files(with_variable("{{resolve:ssm:/shop/rate}}"))
    later = with_variable("{{resolve:ssm:/shop/rate}} and more")
    broken = with_variable("{{resolve:ssm:/shop/none}}")
    more = {"later.json": as_files(later)["template.json"], "broken.json": as_files(broken)["template.json"]}
    entries = [{"at": at, "deploy": {"template": name}} for at, name in (("1s", "later.json"), ("1m", "broken.json"))]
    played = play(files["template.json"].decode(), steps(*entries), files=more)
    assert [fact.status for fact in played.of(StackUpdateEnded)] == ["UPDATE_COMPLETE"]
    assert played.of(StepPlayed)[-1].outcome.startswith("ValidationError: Work: the dynamic reference")


def test_a_scenario_may_name_a_secret_by_its_logical_id() -> None:
    played = play(make_template(Login=LOGIN), steps(call("0s", "secretsmanager.get_secret_value", SecretId="Login")))
    assert played.of(ApiCalled)[0].error is None
