"""User pools: signing up, confirming, signing in, and the functions that Cognito asks on the way."""

import base64
import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import ApiCalled, PoolMessageSent, PoolTriggerCalled, StepPlayed
from tests.simulator.playing import CODE, Played, as_files, call, make_function, make_template, play, seconds, steps

WORK = {"Fn::GetAtt": "Work.Arn"}
PASSWORD = "Correct-horse-1"
ALL = (
    "PreSignUp",
    "PostConfirmation",
    "PreAuthentication",
    "PostAuthentication",
    "PreTokenGeneration",
    "CustomMessage",
)


def pool(*triggers: str, allow: bool = True, **properties: Any) -> dict[str, Any]:
    usual = {
        "UserPoolName": "users",
        "LambdaConfig": dict.fromkeys(triggers, WORK),
        "AutoVerifiedAttributes": ["email"],
    }
    permission = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": {"Ref": "Work"},
            "Action": "lambda:InvokeFunction",
            "Principal": "cognito-idp.amazonaws.com",
            "SourceArn": {"Fn::GetAtt": "Users.Arn"},
        },
    }
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    client = {
        "Type": "AWS::Cognito::UserPoolClient",
        "Properties": {"UserPoolId": {"Ref": "Users"}, "ExplicitAuthFlows": flows},
    }
    made = {"Users": {"Type": "AWS::Cognito::UserPool", "Properties": usual | properties}, "Client": client}
    return {**made, "Permission": permission} if allow else made


def sign_up(at: str = "0s", name: str = "alice", **more: Any) -> dict[str, Any]:
    attributes = [{"Name": "email", "Value": f"{name}@example.com"}]
    usual = {"ClientId": "Client", "Username": name, "Password": PASSWORD, "UserAttributes": attributes}
    return call(at, "cognito-idp.sign_up", **usual | more)


def confirm(at: str = "30s", name: str = "alice", code: str = "sent") -> dict[str, Any]:
    return call(at, "cognito-idp.confirm_sign_up", ClientId="Client", Username=name, ConfirmationCode=code)


def sign_in(at: str = "60s", name: str = "alice", password: str = PASSWORD) -> dict[str, Any]:
    given = {"USERNAME": name, "PASSWORD": password}
    return call(at, "cognito-idp.initiate_auth", ClientId="Client", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=given)


def run(resources: dict[str, Any], *entries: dict[str, Any], script: Any = None, **function: Any) -> Played:
    return play(make_template(make_function(**function), **resources), steps(*entries), script)


def outcomes(played: Played) -> list[str]:
    return [step.outcome for step in played.of(StepPlayed)]


def users(played: Played) -> dict[str, Any]:
    found: dict[str, Any] = played.summary["pools"]["users"]
    return found


def echo(function: Any, event: Any, count: int) -> Act:
    return Act(result=event)


def test_each_moment_asks_its_function_with_cognitos_event() -> None:
    events: list[dict[str, Any]] = []

    def keep(function: Any, event: Any, count: int) -> Act:
        events.append(event)
        return Act(result=event)

    played = run(pool(*ALL), sign_up(), confirm(), sign_in(), script=keep)
    assert outcomes(played) == ["200", "200", "200"]
    assert [event["triggerSource"] for event in events] == [
        "PreSignUp_SignUp", "CustomMessage_SignUp", "PostConfirmation_ConfirmSignUp",
        "PreAuthentication_Authentication", "PostAuthentication_Authentication", "TokenGeneration_Authentication",
    ]  # fmt: skip
    assert {(event["userName"], event["version"], event["userPoolId"][:10]) for event in events} == {
        ("alice", "1", "us-east-1_")
    }
    assert events[0]["request"]["userAttributes"] == {"email": "alice@example.com"}
    assert events[2]["request"]["userAttributes"]["cognito:user_status"] == "CONFIRMED"
    assert events[2]["request"]["userAttributes"]["email_verified"] == "true"
    assert users(played)["users"]["alice"]["status"] == "CONFIRMED"
    assert users(played)["signed_in"] == 1


def test_without_triggers_a_pool_works_by_itself() -> None:
    played = run(pool(), sign_up(), sign_in("10s"), confirm("20s"), sign_in("30s", password="wrong"), sign_in())
    assert outcomes(played) == [
        "200", "400 UserNotConfirmedException", "200", "400 NotAuthorizedException", "200",
    ]  # fmt: skip
    assert played.of(PoolTriggerCalled) == []


def test_a_function_may_confirm_a_user_at_once() -> None:
    def confirmed(function: Any, event: Any, count: int) -> Act:
        if event["triggerSource"] == "PreSignUp_SignUp":
            event["response"] |= {"autoConfirmUser": True, "autoVerifyEmail": True}
        return Act(result=event)

    played = run(pool("PreSignUp", "PostConfirmation"), sign_up(), sign_in(), script=confirmed)
    assert outcomes(played) == ["200", "200"]
    assert users(played)["users"]["alice"]["attributes"]["email_verified"] == "true"
    assert played.of(PoolMessageSent) == []


def test_a_function_that_raises_refuses_the_user_and_is_asked_once() -> None:
    refusal = Act(status="error", error_type="ValueError", error_message="only colleagues")
    played = run(pool("PreSignUp"), sign_up(), script=refusal)
    assert outcomes(played) == ["400 UserLambdaValidationException"]
    (answer,) = [fact for fact in played.of(ApiCalled) if fact.operation == "SignUp"]
    assert answer.message == "PreSignUp failed with error only colleagues."
    assert users(played)["user_count"] == 0
    assert len(played.of(PoolTriggerCalled)) == 1


def test_a_function_has_five_seconds_and_three_attempts() -> None:
    slow = Act(takes=seconds(8))
    played = run(pool("PreSignUp"), sign_up(), script=slow, Timeout=30)
    assert [fact.late for fact in played.of(PoolTriggerCalled)] == [True, True, True]
    assert outcomes(played) == ["400 UserLambdaValidationException"]
    assert 15 < played.times(StepPlayed)[0] < 15.2
    assert played.summary["functions"]["work"]["invocations"] == 3
    assert played.summary["functions"]["work"]["timeouts"] == 0
    assert users(played)["triggers"]["PreSignUp"] == {"attempts": 3, "failures": 3, "late": 3}


def test_a_cold_function_may_be_late_once_and_in_time_the_second_time() -> None:
    def slow_once(function: Any, event: Any, count: int) -> Act:
        return Act(result=event, takes=seconds(0 if calls.append(1) or len(calls) > 1 else 7))  # type: ignore[func-returns-value]

    calls: list[int] = []
    played = run(pool("PreSignUp"), sign_up(), script=slow_once, Timeout=30)
    assert [fact.late for fact in played.of(PoolTriggerCalled)] == [True, False]
    assert outcomes(played) == ["200"]


@pytest.mark.parametrize("result", [None, "text", {"no": "response"}, {"response": 3}])
def test_a_function_that_does_not_give_the_event_back_is_not_understood(result: Any) -> None:
    played = run(pool("PreSignUp"), sign_up(), script=Act(result=result))
    assert outcomes(played) == ["400 InvalidLambdaResponseException"]


@pytest.mark.rule("G.4-02")
def test_a_function_that_cognito_may_not_invoke_stops_the_sign_up() -> None:
    played = run(pool("PreSignUp", allow=False), sign_up(), script=echo)
    assert outcomes(played) == ["400 UnexpectedLambdaException"]


def test_a_custom_message_holds_the_code() -> None:
    def friendly(function: Any, event: Any, count: int) -> Act:
        event["response"] |= {"emailSubject": "Welcome", "emailMessage": "Hello, your code is {####}."}
        return Act(result=event)

    played = run(pool("CustomMessage"), sign_up(), confirm(), script=friendly)
    (message,) = users(played)["messages"]
    assert (message["to"], message["subject"]) == ("alice@example.com", "Welcome")
    code = message["text"].removeprefix("Hello, your code is ").rstrip(".")
    assert (len(code), code.isdecimal()) == (6, True)
    assert outcomes(played) == ["200", "200"]

    def silent(function: Any, event: Any, count: int) -> Act:
        event["response"]["emailMessage"] = "Hello."
        return Act(result=event)

    assert outcomes(run(pool("CustomMessage"), sign_up(), script=silent)) == ["400 InvalidLambdaResponseException"]


def claims(played: Played) -> tuple[dict[str, Any], dict[str, Any]]:
    found = users(played)["claims"]["alice"]
    return found["identity"], found["access"]


def test_claims_are_added_overridden_and_taken_away() -> None:
    def change(function: Any, event: Any, count: int) -> Act:
        event["response"]["claimsOverrideDetails"] = {
            "claimsToAddOrOverride": {"tier": "gold", "sub": "somebody else"},
            "claimsToSuppress": ["email", "iss"],
            "groupOverrideDetails": {"groupsToOverride": ["staff"]},
        }
        return Act(result=event)

    played = run(pool("PreTokenGeneration"), sign_up(), confirm(), sign_in(), script=change)
    identity, access = claims(played)
    assert (identity["tier"], identity["cognito:groups"], "email" in identity) == ("gold", ["staff"], False)
    assert identity["sub"] == access["sub"] != "somebody else"
    assert "tier" not in access
    assert identity["iss"].startswith("https://cognito-idp.us-east-1.amazonaws.com/us-east-1_")


def test_the_second_version_of_the_event_reaches_the_access_token() -> None:
    def change(function: Any, event: Any, count: int) -> Act:
        assert event["version"] == "2"
        token = {"claimsToAddOrOverride": {"tenant": "a"}}
        event["response"]["claimsAndScopeOverrideDetails"] = {"accessTokenGeneration": token}
        return Act(result=event)

    config = {"PreTokenGenerationConfig": {"LambdaArn": WORK, "LambdaVersion": "V2_0"}}
    played = run(pool(LambdaConfig=config), sign_up(), confirm(), sign_in(), script=change)
    identity, access = claims(played)
    assert ("tenant" in identity, access["tenant"]) == (False, "a")


def test_calls_that_cannot_be_are_refused_as_cognito_does() -> None:
    played = run(
        pool(),
        sign_up("0s", Password="short"),
        sign_up("1s"),
        sign_up("2s"),
        confirm("3s", code="000000"),
        confirm("4s", "bob"),
        sign_in("5s", "bob"),
        confirm("6s"),
        confirm("7s"),
        sign_up("8s", "carol", ClientId="nobody"),
        call("9s", "cognito-idp.list_users", UserPoolId="Users"),
    )
    assert outcomes(played) == [
        "400 InvalidPasswordException", "200", "400 UsernameExistsException", "400 CodeMismatchException",
        "400 UserNotFoundException", "400 UserNotFoundException", "200", "400 NotAuthorizedException",
        "400 ResourceNotFoundException", "501 NotSimulated",
    ]  # fmt: skip


def test_a_forgotten_password_is_replaced_by_code() -> None:
    played = run(
        pool(),
        sign_up(),
        confirm(),
        call("40s", "cognito-idp.forgot_password", ClientId="Client", Username="alice"),
        call("50s", "cognito-idp.confirm_forgot_password", ClientId="Client", Username="alice",
             ConfirmationCode="sent", Password="Another-horse-2"),
        sign_in("60s"),
        sign_in("70s", password="Another-horse-2"),
    )  # fmt: skip
    assert outcomes(played)[-2:] == ["400 NotAuthorizedException", "200"]


def test_no_password_is_in_the_trace() -> None:
    played = run(pool(*ALL), sign_up(), confirm(), sign_in(), script=echo)
    assert PASSWORD.encode() not in played.trace
    assert base64.b64encode(PASSWORD.encode()) not in played.trace


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, two = (run(pool(*ALL), sign_up(), confirm(), sign_in(), script=echo) for _ in range(2))
    assert one.trace == two.trace


SAM = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Users:
    Type: AWS::Cognito::UserPool
    Properties: {UserPoolName: users}
  Client:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !Ref Users}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Events:
        Hello:
          Type: Cognito
          Properties: {UserPool: !Ref Users, Trigger: PreSignUp}
"""


def test_sams_event_makes_the_trigger_and_its_permission() -> None:
    played = play(SAM, steps(sign_up()), echo)
    assert outcomes(played) == ["200"]
    assert users(played)["triggers"]["PreSignUp"]["attempts"] == 1


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"LambdaConfig": {"PreSignup": WORK}}, "the trigger PreSignup has no effect"),
        ({"LambdaConfig": {"PreSignUp": "arn:aws:lambda:us-east-1:123456789012:function:other"}}, "must be the ARN"),
        ({"LambdaConfig": []}, "LambdaConfig must be a mapping"),
        ({"AutoVerifiedAttributes": ["name"]}, "lists email and phone_number"),
        ({"MfaConfiguration": "ON"}, "the property MfaConfiguration"),
    ],
)
def test_what_is_wrong_with_a_pool_is_told(properties: dict[str, Any], text: str) -> None:
    template = make_template(**pool(**properties))
    found = problems_of(read_template({**CODE, **as_files(template)}))
    assert [problem for problem in found if text in problem.message], found


def test_tokens_are_three_parts_of_which_two_can_be_read() -> None:
    from lambdalab.simulator.services.cognito.tokens import written

    head, body, _ = written({"sub": "x"}, "seal").split(".")
    decoded = [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in (head, body)]
    assert decoded == [{"alg": "RS256", "kid": "lambdalab"}, {"sub": "x"}]
