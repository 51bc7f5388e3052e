from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import (
    AccessDenied,
    ApiCalled,
    AsyncEventDiscarded,
    InvocationEnded,
    RetryScheduled,
)
from tests.simulator.playing import (
    CODE,
    Played,
    as_files,
    invoke,
    make_event_invoke,
    make_function,
    make_template,
    play,
)
from tests.simulator.playing import steps as scenario

ROOT = {"AWS": "arn:aws:iam::123456789012:root"}
SECRET = {"Environment": {"Variables": {"TOKEN": "x"}}}
DECRYPT = ["kms:Decrypt"]


def statement(effect: str, principal: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": "kms:*", "Resource": "*", **more}


def with_key(
    *statements: dict[str, Any], allow: Any = None, kind: str = "RequestResponse", variables: Any = SECRET, **key: Any
) -> Played:
    """A function whose variables are encrypted with a key of its own, invoked once."""
    policy = {"KeyPolicy": {"Statement": list(statements)}} if statements else {}
    own = {"Type": "AWS::KMS::Key", "Properties": {**policy, **key}}
    function = make_function(KmsKeyArn={"Fn::GetAtt": "Key.Arn"}, **variables)
    template = make_template(function, allow=allow, Key=own, Config=make_event_invoke(MaximumEventAgeInSeconds=60))
    return play(template, scenario(invoke(kind=kind)))


VIA = {"Condition": {"StringEquals": {"kms:ViaService": "lambda.us-east-1.amazonaws.com"}}}
ROLE = {"AWS": {"Fn::GetAtt": "Role.Arn"}}


@pytest.mark.rule("G.6-02")
@pytest.mark.parametrize(
    ("statements", "allow", "runs"),
    [
        ((), DECRYPT, True),  # the default key policy leaves it to the account's policies
        ((), ["logs:*"], False),
        ((statement("Allow", ROOT),), DECRYPT, True),
        ((statement("Allow", ROLE),), ["logs:*"], True),
        ((statement("Allow", ROLE, **VIA),), ["logs:*"], True),
        ((statement("Allow", {"AWS": "arn:aws:iam::123456789012:user/admin"}),), DECRYPT, False),
        ((statement("Allow", ROOT), statement("Deny", ROLE)), DECRYPT, False),
    ],
)
def test_a_role_decrypts_its_variables_where_key_and_role_allow_it(statements: Any, allow: Any, runs: bool) -> None:
    """G.6."""
    played = with_key(*statements, allow=allow)
    assert len(played.of(InvocationEnded)) == int(runs)
    assert len(played.of(AccessDenied)) == int(not runs)


@pytest.mark.rule("G.6-03")
def test_who_invokes_gets_aws_s_error_and_the_trace_says_why() -> None:
    """G.6: 502 at invoke."""
    played = with_key(statement("Deny", "*", Sid="Nobody"), statement("Allow", ROOT))
    (called,) = played.of(ApiCalled)
    assert (called.status, called.error) == (502, "KMSAccessDeniedException")
    assert called.message is not None
    assert called.message.startswith(
        "Lambda was unable to decrypt the environment variables because KMS access was denied. "
        "Please check the function's KMS key settings. KMS Exception: AccessDeniedException KMS Message: User: arn:aws"
    )
    (denied,) = played.of(AccessDenied)
    assert denied.why.startswith("denied: the statement Nobody of the key policy of Key denies the role Role")


@pytest.mark.rule("G.6-03")
def test_a_disabled_key_has_an_error_of_its_own() -> None:
    (called,) = with_key(Enabled=False).of(ApiCalled)
    assert (called.status, called.error) == (502, "KMSDisabledException")


@pytest.mark.rule("A.3-07")
def test_an_asynchronous_event_backs_off_until_it_is_too_old() -> None:
    """A.3: system errors use up no attempts."""
    played = with_key(Enabled=False, kind="Event")
    assert {fact.reason for fact in played.of(RetryScheduled)} == {"SystemError"}
    (discarded,) = played.of(AsyncEventDiscarded)
    assert (discarded.condition, discarded.attempts) == ("EventAgeExceeded", 0)


def test_a_function_without_variables_has_nothing_to_decrypt() -> None:
    assert with_key(variables={}, Enabled=False).of(InvocationEnded)


@pytest.mark.rule("G.6-01")
def test_aws_s_own_key_asks_nobody() -> None:
    """G.6: the default."""
    played = play(make_template(make_function(**SECRET), allow=["logs:*"]), scenario(invoke()))
    assert played.of(InvocationEnded)


@pytest.mark.parametrize(
    ("function", "key", "text"),
    [
        ({"KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/none"}, {}, "Work: there is no key arn:aws:kms:"),
        ({}, {"KeyPolicy": {"Statement": []}}, "Key: the key policy of Key has no Statement."),
        ({}, {"Enabled": "maybe"}, "Key: Enabled must be true or false."),
        ({}, {"Origin": "EXTERNAL"}, "Key: the property Origin of AWS::KMS::Key has no effect in lambdalab yet."),
    ],
)
def test_a_wrong_key_is_refused(function: dict[str, Any], key: dict[str, Any], text: str) -> None:
    template = make_template(make_function(**function), Key={"Type": "AWS::KMS::Key", "Properties": key})
    (problem,) = problems_of(read_template({**CODE, **as_files(template)}))
    assert problem.message.startswith(text)
