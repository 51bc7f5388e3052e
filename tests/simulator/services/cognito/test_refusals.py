"""What a user pool refuses, in Cognito's words, and whom a client lets in."""

from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.trace.facts import ApiCalled, PoolMessageSent
from tests.simulator.playing import Played, call
from tests.simulator.services.cognito.test_triggers import (
    PASSWORD,
    confirm,
    outcomes,
    pool,
    run,
    sign_in,
    sign_up,
    users,
)


def messages(played: Played) -> list[str | None]:
    return [fact.message for fact in played.of(ApiCalled) if fact.service == "cognito-idp"]


def of_client(resources: dict[str, Any], **properties: Any) -> dict[str, Any]:
    client = resources["Client"]
    return resources | {"Client": {**client, "Properties": client["Properties"] | properties}}


def forgot(at: str = "50s") -> dict[str, Any]:
    return call(at, "cognito-idp.forgot_password", ClientId="Client", Username="alice")


@pytest.mark.parametrize("flows", [[], ["ALLOW_USER_SRP_AUTH"]])
def test_a_client_that_does_not_allow_passwords_takes_none(flows: list[str]) -> None:
    made = of_client(pool(), ExplicitAuthFlows=flows)
    played = run(made, sign_up(), confirm(), sign_in())
    assert outcomes(played)[-1] == "400 InvalidParameterException"
    assert messages(played)[-1] == "USER_PASSWORD_AUTH flow not enabled for this client"


def test_the_old_names_of_flows_count_too() -> None:
    made = of_client(pool(), ExplicitAuthFlows=["USER_PASSWORD_AUTH"])
    assert outcomes(run(made, sign_up(), confirm(), sign_in()))[-1] == "200"


def test_flows_of_administrators_are_for_administrators() -> None:
    given = {"USERNAME": "alice", "PASSWORD": PASSWORD}
    flow = {"ClientId": "Client", "AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "AuthParameters": given}
    admin = call("60s", "cognito-idp.admin_initiate_auth", UserPoolId="Users", **flow)
    wrong = call("70s", "cognito-idp.initiate_auth", **flow)
    other = call("80s", "cognito-idp.admin_initiate_auth", UserPoolId="Users", **flow | {"ClientId": "another"})
    played = run(pool(), sign_up(), confirm(), admin, wrong, other)
    assert outcomes(played)[2:] == ["200", "400 InvalidParameterException", "400 ResourceNotFoundException"]
    assert messages(played)[-2:] == [
        "Initiate Auth method not supported.", "User pool client another does not exist.",
    ]  # fmt: skip


def test_a_client_may_hide_who_is_unknown() -> None:
    shown = run(pool(), sign_in(name="nobody"))
    hidden = run(of_client(pool(), PreventUserExistenceErrors="ENABLED"), sign_in(name="nobody"))
    assert outcomes(shown) == ["400 UserNotFoundException"]
    assert outcomes(hidden) == ["400 NotAuthorizedException"]


def test_a_code_for_a_new_password_goes_only_where_an_address_is_verified() -> None:
    played = run(pool(), sign_up(), forgot("10s"), confirm(), forgot())
    assert outcomes(played) == ["200", "400 InvalidParameterException", "200", "200"]
    assert len(played.of(PoolMessageSent)) == 2


def test_a_code_verifies_the_address_to_which_it_went_and_no_other() -> None:
    attributes = [{"Name": "email", "Value": "a@example.com"}, {"Name": "phone_number", "Value": "+123456789"}]
    played = run(pool(AutoVerifiedAttributes=["email", "phone_number"]), sign_up(UserAttributes=attributes), confirm())
    known = users(played)["users"]["alice"]["attributes"]
    assert (known["email_verified"], known.get("phone_number_verified")) == ("true", None)


def test_a_pool_may_want_attributes_and_may_be_closed() -> None:
    wanting = pool(Schema=[{"Name": "given_name", "Required": True}, {"Name": "email", "Required": False}])
    played = run(wanting, sign_up())
    assert messages(played) == [
        "Attributes did not conform to the schema: given_name: The attribute given_name is required\n"
    ]
    closed = run(pool(AdminCreateUserConfig={"AllowAdminCreateUserOnly": True}), sign_up())
    assert messages(closed) == ["SignUp is not permitted for this user pool"]


@pytest.mark.parametrize(("name", "password"), [("a" * 129, PASSWORD), ("a", "x" * 257), ("a", "a b c d e f")])
def test_names_and_passwords_have_their_limits(name: str, password: str) -> None:
    played = run(pool(), sign_up(name=name, Password=password, UserAttributes=[]))
    assert outcomes(played) == ["400 InvalidParameterException"]
    assert str(messages(played)[0]).startswith("1 validation error detected: Value")


def test_version_two_adds_and_takes_away_scopes() -> None:
    change = {"scopesToAdd": ["orders/read", 5], "scopesToSuppress": ["aws.cognito.signin.user.admin", {}]}
    answer = {"response": {"claimsAndScopeOverrideDetails": {"accessTokenGeneration": change}}}
    made = pool()
    made["Users"]["Properties"]["LambdaConfig"] = {
        "PreTokenGenerationConfig": {"LambdaArn": {"Fn::GetAtt": "Work.Arn"}, "LambdaVersion": "V2_0"}
    }
    played = run(made, sign_up(), confirm(), sign_in(), script=Act(result=answer))
    assert users(played)["claims"]["alice"]["access"]["scope"] == "orders/read"


@pytest.mark.parametrize(
    "response",
    [
        {"claimsOverrideDetails": {"claimsToAddOrOverride": {"\ud800": "\ud800"}, "claimsToSuppress": [[1], {}]}},
        {"autoConfirmUser": "\ud800", "emailMessage": "\ud800{####}", "emailSubject": "\ud800"},
        {"\ud800": "\ud800"},
        [],
        "x",
    ],
)
def test_whatever_a_function_answers_the_run_goes_on(response: Any) -> None:
    made = pool("PreSignUp", "CustomMessage", "PreTokenGeneration")
    played = run(made, sign_up(), confirm(), sign_in(), script=Act(result={"response": response}))
    assert len(outcomes(played)) == 3


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"Policies": {"PasswordPolicy": 5}}, "PasswordPolicy must be a mapping"),
        ({"Policies": {"PasswordPolicy": {"MinimumLength": "long"}}}, "from 6 to 99"),
        ({"Policies": {"PasswordPolicy": {"MinimumLength": 5}}}, "from 6 to 99"),
        ({"Schema": [5]}, "Schema lists attributes"),
        ({"LambdaConfig": {"PreTokenGenerationConfig": {"LambdaVersion": "V9"}}}, "V1_0, V2_0, V3_0"),
    ],
)
def test_a_pool_that_cannot_be_is_refused_with_a_reason(properties: dict[str, Any], text: str) -> None:
    with pytest.raises(ProjectError, match=text):
        run(pool(**properties), sign_up())


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"UserPoolId": []}, "UserPoolId must name a user pool"),
        ({"ExplicitAuthFlows": ["PASSWORD"]}, "ExplicitAuthFlows lists some of"),
        ({"ExplicitAuthFlows": [[]]}, "ExplicitAuthFlows lists some of"),
        ({"PreventUserExistenceErrors": True}, "LEGACY or ENABLED"),
    ],
)
def test_a_client_that_cannot_be_is_refused_with_a_reason(properties: dict[str, Any], text: str) -> None:
    with pytest.raises(ProjectError, match=text):
        run(of_client(pool(), **properties), sign_up())
