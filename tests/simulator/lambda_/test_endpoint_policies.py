"""Policies of VPC endpoints: they grant nothing, and what comes by the endpoint needs their consent, too."""

from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.explain import Explainer
from lambdalab.simulator.trace.facts import AccessDenied, ApiCalled
from tests.simulator.lambda_.test_vpc import DOOR, GET, INTERFACE, SEND, calling, doing
from tests.simulator.networks import inside, make_endpoint, make_nat, ref
from tests.simulator.playing import Played, make_queue
from tests.simulator.services.s3.buckets import make_bucket

ROLE = {"Fn::GetAtt": "Role.Arn"}
PUT = ("s3", "PutObject", {"Bucket": "photos", "Key": "a", "Body": b"x"})


def document(*actions: str, effect: str = "Allow", principal: Any = "*", **more: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Principal": principal, "Action": list(actions), "Resource": "*", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def gateway(policy: dict[str, Any] | None = None, service: str = "dynamodb") -> dict[str, Any]:
    given = {} if policy is None else {"PolicyDocument": policy}
    return make_endpoint(service, RouteTableIds=[ref("PrivateTable")], **given)


def ended(run: Played) -> list[tuple[str, int]]:
    return [(fact.operation, fact.status) for fact in run.of(ApiCalled) if fact.source == "function/work"]


def why(run: Played) -> list[str]:
    explainer = Explainer()
    told = [(stamped.fact, explainer.explain(stamped)) for stamped in run.facts]
    return [sentence for fact, sentence in told if isinstance(fact, AccessDenied)]


@pytest.mark.parametrize(
    ("policy", "status"),
    [
        (None, 200),
        (document("dynamodb:*"), 200),
        (document("dynamodb:GetItem", Resource="arn:aws:dynamodb:*:*:table/notes"), 200),
        (document("dynamodb:PutItem"), 403),
        (document("dynamodb:GetItem", Resource="arn:aws:dynamodb:*:*:table/other"), 403),
        (document("dynamodb:*", principal={"AWS": ROLE}), 200),
        (document("dynamodb:*", principal={"AWS": "999999999999"}), 403),
        (document("dynamodb:*", Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}}), 200),
        (document("dynamodb:*", Condition={"StringEquals": {"aws:PrincipalAccount": "999999999999"}}), 403),
    ],
)
def test_what_comes_by_a_gateway_endpoint_needs_its_consent(policy: dict[str, Any] | None, status: int) -> None:
    assert ended(calling(GET, Way=gateway(policy))) == [("GetItem", status)]


def test_the_answer_and_the_explanation_name_the_endpoints_policy() -> None:
    run = calling(GET, Way=gateway(document("dynamodb:PutItem", Sid="OnlyWrites")))
    (fact,) = run.of(AccessDenied)
    assert (fact.lacking, fact.policy) == ("VPC endpoint", "the policy of the endpoint Way")
    (called,) = [each for each in run.of(ApiCalled) if each.error]
    assert called.error == "AccessDeniedException"
    assert (called.message or "").endswith("because no VPC endpoint policy allows the dynamodb:GetItem action")
    (sentence,) = why(run)
    assert sentence.startswith("Denied: the policy of the endpoint Way has no statement that lets ")
    assert sentence.endswith(" pass; add one to it.")


def test_an_explicit_deny_of_an_endpoint_wins() -> None:
    policy = document("dynamodb:*")
    policy["Statement"] += document("dynamodb:GetItem", effect="Deny", Sid="NoReading")["Statement"]
    run = calling(GET, Way=gateway(policy))
    (called,) = [each for each in run.of(ApiCalled) if each.error]
    assert (called.message or "").endswith("with an explicit deny in a VPC endpoint policy")
    assert "the statement NoReading of the policy of the endpoint Way denies" in why(run)[0]


def test_an_endpoint_grants_nothing() -> None:
    template = inside(allow=["logs:*", "ec2:*"], Dlq=make_queue(), Way=INTERFACE, Door=DOOR)
    template["Resources"]["Way"]["Properties"]["PolicyDocument"] = document("sqs:*")
    run = doing(template, Act(calls=(SEND,)))
    assert [fact.lacking for fact in run.of(AccessDenied)] == ["identity-based"]


def test_an_interface_endpoint_has_a_policy_too() -> None:
    way = {**INTERFACE, "Properties": INTERFACE["Properties"] | {"PolicyDocument": document("sqs:ReceiveMessage")}}
    assert ended(calling(SEND, Way=way, Door=DOOR)) == [("SendMessage", 403)]


def test_what_goes_over_the_internet_needs_nobodys_consent() -> None:
    nowhere = make_endpoint("dynamodb", RouteTableIds=[ref("PublicTable")], PolicyDocument=document("dynamodb:PutItem"))
    assert ended(calling(GET, Way=nowhere, **make_nat())) == [("GetItem", 200)]


@pytest.mark.parametrize(("through", "status"), [(True, 200), (False, 403)])
def test_a_bucket_may_ask_by_which_endpoint_a_call_comes(through: bool, status: int) -> None:
    """IAM User Guide, "AWS global condition context keys": aws:SourceVpce."""
    elsewhere = document("s3:PutObject", effect="Deny", Resource="arn:aws:s3:::photos/*",
                         Condition={"StringNotEquals": {"aws:SourceVpce": ref("Way")}})  # fmt: skip
    policy = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": ref("Photos"), "PolicyDocument": elsewhere}}
    tables = [ref("PrivateTable" if through else "PublicTable")]
    ways = {"Way": make_endpoint("s3", RouteTableIds=tables), **({} if through else make_nat())}
    run = doing(inside(Photos=make_bucket(), Policy=policy, **ways), Act(calls=(PUT,)))
    assert ended(run) == [("PutObject", status)]


def test_a_call_by_an_endpoint_knows_its_vpc() -> None:
    policy = document("dynamodb:*", Condition={"StringEquals": {"aws:SourceVpc": ref("Vpc")}})
    assert ended(calling(GET, Way=gateway(policy))) == [("GetItem", 200)]
    assert why(calling(GET, Way=gateway(document("dynamodb:*", Condition={
        "StringEquals": {"aws:SourceVpc": "vpc-1"}}))))[0].count("aws:SourceVpc") == 1  # fmt: skip
