import itertools
import random
from typing import Any

import pytest

from lambdalab.simulator.account.iam import ADMINISTRATOR, Principal, action_of
from tests.simulator.account.iam.rights import (
    ACCOUNT,
    FUNCTION,
    OTHER,
    PARTNER,
    QUEUE,
    ROLE,
    SNS,
    TOPIC,
    account,
    allow,
    deny,
    may,
    own_policy,
    partner,
    role,
)

EVERYBODY: dict[str, Any] = {"Principal": "*"}
US_EAST = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}


@pytest.mark.rule("G.5-01")
@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        ((), False),
        ((allow(),), True),
        ((allow(["sqs:ReceiveMessage", "sqs:SendMessage"], ["arn:aws:sns:::other", QUEUE]),), True),
        ((allow(resource=f"{QUEUE}2"),), False),
        ((allow(resource="arn:aws:sqs:*:*:ord*"),), True),
        ((allow(resource=QUEUE[:-1] + "?"),), True),
        ((allow(resource="arn:aws:sqs"),), True),  # an incomplete ARN is completed with *
        ((allow(resource="arn:aws:s*:orders"),), False),  # a * does not reach over a colon
        ((allow(resource=QUEUE.replace("orders", "ORDERS")),), False),
        ((allow(action="SQS:SENDMESSAGE"),), True),
        ((allow(), deny()), False),
        ((deny(), allow()), False),
        ((allow(), deny(resource=QUEUE.replace("orders", "others"))), True),
        (({"Effect": "Allow", "NotAction": "sqs:Delete*", "Resource": "*"},), True),
        (({"Effect": "Allow", "NotAction": "sqs:Send*", "Resource": "*"},), False),
        (({"Effect": "Allow", "Action": "*", "NotResource": QUEUE},), False),
        (({"Effect": "Allow", "Action": "*", "NotResource": f"{QUEUE}2"},), True),
        ((allow(action="sqs:Send[M]essage"),), False),
    ],
)
def test_an_explicit_deny_wins_then_an_allow_is_needed(statements: tuple[dict[str, Any], ...], allowed: bool) -> None:
    """G.5, rules 1 and 6."""
    assert may(role(*statements)) is allowed


BY_NAME = {"Principal": {"AWS": ROLE}}
BY_ACCOUNT = {"Principal": {"AWS": ACCOUNT}}
BY_ROOT = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}


@pytest.mark.rule("G.5-03")
@pytest.mark.parametrize(
    ("identity", "own", "allowed"),
    [
        ((), (), False),
        ((allow(),), (), True),
        ((), (allow(**BY_NAME),), True),
        ((allow(),), (allow(**BY_NAME),), True),
        ((), (allow(**EVERYBODY),), True),
        ((), (allow(**BY_ACCOUNT),), False),  # naming the account leaves it to the account's own policies
        ((), (allow(**BY_ROOT),), False),
        ((allow(),), (allow(**BY_ROOT),), True),
        ((allow(),), (deny(**EVERYBODY),), False),
        ((deny(),), (allow(**BY_NAME),), False),
        ((), (allow(Principal={"AWS": f"{ROLE}2"}),), False),
        ((), (allow(Principal={"Service": "sns.amazonaws.com"}),), False),
        ((), (allow("sqs:SendMessage", Principal={"AWS": [f"{ROLE}2", ROLE]}),), True),
        ((), (allow(NotPrincipal={"AWS": ROLE}),), False),
        ((allow(),), (deny(NotPrincipal={"AWS": ROLE}),), True),
        ((allow(),), (deny(NotPrincipal={"AWS": f"{ROLE}2"}),), False),
    ],
)
def test_in_one_account_either_policy_is_enough(identity: Any, own: Any, allowed: bool) -> None:
    """G.5, rule 3, as a table."""
    assert may(role(*identity), own_policy(*own) if own else None) is allowed


@pytest.mark.rule("G.5-04")
@pytest.mark.parametrize(
    ("theirs", "own", "allowed"),
    [
        (True, (), False),
        (True, (allow(Principal={"AWS": PARTNER}),), True),
        (True, (allow(Principal={"AWS": OTHER}),), True),
        (True, (allow(Principal={"AWS": f"arn:aws:iam::{OTHER}:root"}),), True),
        (True, (allow(Principal="*"),), True),
        (True, (allow(Principal={"AWS": ACCOUNT}),), False),
        (True, (allow(Principal="*"), deny(Principal={"AWS": PARTNER})), False),
        (False, (), False),
        (False, (allow(Principal={"AWS": PARTNER}),), False),
    ],
)
def test_across_accounts_both_sides_must_allow(theirs: bool, own: Any, allowed: bool) -> None:
    """G.5, rule 4, as a table."""
    assert may(partner(may=theirs), own_policy(*own) if own else None) is allowed


def from_topic(arn: str) -> dict[str, Any]:
    return {"Principal": {"Service": "sns.amazonaws.com"}, "Condition": {"ArnLike": {"aws:SourceArn": arn}}}


@pytest.mark.rule("G.5-05")
@pytest.mark.parametrize(
    ("own", "allowed"),
    [
        (None, False),
        (own_policy(allow(**from_topic(TOPIC))), True),
        (own_policy(allow(**from_topic(f"{TOPIC}2"))), False),
        (own_policy(allow(**from_topic(f"arn:aws:sns:us-east-1:{ACCOUNT}:*"))), True),
        (own_policy(allow(Principal={"Service": "s3.amazonaws.com"})), False),
        (own_policy(allow(Principal={"Service": "sns.amazonaws.com"})), True),
        (own_policy(allow(Principal={"AWS": ACCOUNT})), False),
        (own_policy(allow(Principal="*", Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}})), True),
        (own_policy(allow(Principal="*", Condition={"StringEquals": {"aws:SourceAccount": OTHER}})), False),
        (own_policy(allow(Principal="*"), deny(**from_topic(TOPIC))), False),
    ],
)
def test_a_service_has_the_rights_that_the_resource_gives_it_and_no_others(own: Any, allowed: bool) -> None:
    """G.5, rule 5; G.4."""
    assert may(SNS, own) is allowed


KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"


@pytest.mark.parametrize(
    ("identity", "own", "allowed"),
    [
        ((allow("kms:Decrypt", KEY),), (), False),
        ((allow("kms:Decrypt", KEY),), (allow("kms:*", "*", **BY_ROOT),), True),
        ((), (allow("kms:*", "*", **BY_ROOT),), False),
        ((), (allow("kms:Decrypt", "*", **BY_NAME),), True),
    ],
)
def test_a_key_must_let_its_account_decide(identity: Any, own: Any, allowed: bool) -> None:
    """G.6: an identity-based policy alone opens no key."""
    found = may(role(*identity), own_policy(*own) if own else None, action="kms:Decrypt", resource=KEY)
    assert found is allowed


def a_statement(draw: random.Random, *, effect: str | None = None) -> dict[str, Any]:
    made = {
        "Effect": effect or draw.choice(["Allow", "Deny"]),
        draw.choice(["Action", "NotAction"]): draw.choice(["sqs:SendMessage", "sqs:*", "*", "sqs:S?nd*"]),
        draw.choice(["Resource", "NotResource"]): draw.choice([QUEUE, "*", f"{QUEUE}2", "arn:aws:sqs:*:*:o*"]),
    }
    return made | ({"Condition": US_EAST} if draw.random() < 0.3 else {})


@pytest.mark.rule("G.5-01")
@pytest.mark.parametrize("seed", range(200))
def test_a_deny_always_wins_an_allow_never_denies_and_order_never_matters(seed: int) -> None:
    """G.5, rule 1, as properties of drawn policies."""
    draw = random.Random(seed)
    statements = [a_statement(draw) for _ in range(draw.randint(1, 4))]
    before = may(role(*statements))
    assert all(may(role(*order)) is before for order in itertools.permutations(statements))
    assert may(role(*statements, a_statement(draw, effect="Allow"))) >= before
    assert may(role(*statements, a_statement(draw, effect="Deny"))) <= before
    assert not may(role(*statements, deny()))


def test_the_administrator_may_do_everything_that_no_resource_denies() -> None:
    assert may(ADMINISTRATOR, action="iam:DeleteEverything", resource="*")
    assert not may(ADMINISTRATOR, own_policy(deny(**EVERYBODY)))
    insecure = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    assert may(ADMINISTRATOR, own_policy(deny(**EVERYBODY, **insecure)))


def test_a_change_of_a_policy_counts_from_the_next_call_on() -> None:
    desk, caller = account(own_policy(allow(**BY_NAME))), role()
    assert desk.denied(caller, "sqs:SendMessage", QUEUE) is None
    desk.set_policy(QUEUE, None)
    assert desk.denied(caller, "sqs:SendMessage", QUEUE) is not None


def test_an_answer_that_depends_on_the_moment_is_not_remembered() -> None:
    clock = [0.0]
    until = {"Condition": {"DateLessThan": {"aws:CurrentTime": "1970-01-01T00:01:00Z"}}}
    desk, caller = account(), role(allow(**until))
    desk._seconds = lambda: clock[0]
    assert desk.denied(caller, "sqs:SendMessage", QUEUE) is None
    clock[0] = 61.0
    assert desk.denied(caller, "sqs:SendMessage", QUEUE) is not None


def test_one_caller_s_answer_is_not_another_s() -> None:
    desk = account()
    assert desk.denied(role(allow()), "sqs:SendMessage", QUEUE) is None
    assert desk.denied(role(), "sqs:SendMessage", QUEUE) is not None


def test_a_key_of_one_call_counts_for_that_call_only() -> None:
    by_url = {**EVERYBODY, "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}}
    desk = account(own_policy(allow("lambda:InvokeFunction", FUNCTION, **by_url)), FUNCTION)
    extra = {"lambda:invokedviafunctionurl": "true"}
    assert desk.denied(role(), "lambda:InvokeFunction", FUNCTION, extra) is None
    assert desk.denied(role(), "lambda:InvokeFunction", FUNCTION) is not None


def test_a_name_longer_than_any_arn_is_nobody_s() -> None:
    long = "arn:aws:sqs:us-east-1:123456789012:" + "x" * 1_000_000
    refusal = account().denied(role(allow()), "sqs:SendMessage", long)
    assert refusal is not None
    assert len(refusal.why) < 10_000


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("lambda", "Invoke", "lambda:InvokeFunction"),
        ("lambda", "AddPermission", "lambda:AddPermission"),
        ("sqs", "SendMessageBatch", "sqs:SendMessage"),
        ("sqs", "ReceiveMessage", "sqs:ReceiveMessage"),
        ("sns", "Publish", "sns:Publish"),
    ],
)
def test_an_operation_is_allowed_by_the_action_that_iam_names(service: str, operation: str, action: str) -> None:
    assert action_of(service, operation) == action


def test_a_principal_is_equal_to_itself_only() -> None:
    assert Principal("arn:aws:iam::1:user/a") != Principal("arn:aws:iam::1:user/a")
