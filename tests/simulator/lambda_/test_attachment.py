"""Attaching functions to a VPC: network interfaces, the rights they need, updates. Facts I, G.1, B.1."""

import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.resources.vpc import ids as network_ids
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import (
    ApiCalled,
    FunctionAttached,
    FunctionUpdated,
    InitEnded,
    InterfaceMade,
    InvocationStarted,
    PathBlocked,
    StepPlayed,
)
from tests.simulator.networks import ATTACHED, inside, made, make_nat, ref
from tests.simulator.playing import CODE, as_files, call, invoke, make_function, make_template, play, steps

EC2 = "Error occurred while Describe{}. EC2 Error Code: {}.NotFound. EC2 Error Message:"
NAMES = ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"]


def problems(template: dict[str, Any]) -> list[Problem]:
    return problems_of(read_template({**CODE, **as_files(template)}))


def ids(template: dict[str, Any]) -> dict[str, str]:
    """Physical ids, by logical ids."""
    return network_ids(read_template({**CODE, **as_files(template)}))


@pytest.mark.rule("I-02")
def test_functions_with_the_same_subnet_and_security_groups_share_an_interface() -> None:
    """I: one interface for each subnet and set of groups, not one a function, environment or invocation."""
    both = {"SubnetIds": [ref("Private"), ref("Public")], "SecurityGroupIds": [ref("App")]}
    template = inside(make_function(VpcConfig=ATTACHED), make_function("other", VpcConfig=both))
    run = play(template, steps(*[invoke() for _ in range(20)]))
    assert [(fact.subnet, fact.security_groups) for fact in run.of(InterfaceMade)] == [
        ("private-a", ("app",)),
        ("public-a", ("app",)),
    ]
    assert [(fact.function, fact.vpc, fact.subnets) for fact in run.of(FunctionAttached)] == [
        ("work", "shop", ("private-a",)),
        ("other", "shop", ("private-a", "public-a")),
    ]


@pytest.mark.rule("I-03")
def test_a_cold_start_inside_is_no_longer_than_one_outside() -> None:
    """What took seconds until 2019 is done when the function is made."""
    ask = steps(invoke(kind="RequestResponse"))
    within, outside = (play(made_of, ask) for made_of in (inside(), make_template()))
    assert within.of(FunctionAttached)
    assert [fact.duration_us for fact in within.of(InitEnded)] == [fact.duration_us for fact in outside.of(InitEnded)]
    assert within.times(InvocationStarted) == outside.times(InvocationStarted)


@pytest.mark.parametrize("missing", NAMES)
def test_a_role_that_may_not_handle_network_interfaces_is_refused_in_lambdas_words(missing: str) -> None:
    template = inside(allow=[name for name in NAMES if name != missing])
    (problem,) = problems(template)
    right = missing.removeprefix("ec2:")
    text = f"Work: The provided execution role does not have permissions to call {right} on EC2."
    assert (problem.severity, problem.message) == ("error", text)
    assert problem.fix.endswith("Give the role the managed policy AWSLambdaVPCAccessExecutionRole.")
    with pytest.raises(ProjectError):
        play(template, steps())


def test_the_managed_policy_is_enough_and_sam_gives_it_by_itself() -> None:
    template = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Private:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: !Select [1, !Cidr [!GetAtt Vpc.CidrBlock, 4, 8]]
      AvailabilityZone: !Select [0, !GetAZs ""]
  App: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, GroupDescription: functions}}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      VpcConfig: {SubnetIds: [!Ref Private], SecurityGroupIds: [!Ref App]}
"""
    run = play(template, steps())
    assert [fact.address for fact in run.of(InterfaceMade)] == ["10.0.1.4"]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"SubnetIds": [ref("Private")]}, "VpcConfig needs both SubnetIds and SecurityGroupIds, or neither."),
        (
            {"SubnetIds": ["subnet-0"], "SecurityGroupIds": [ref("App")]},
            f"{EC2.format('Subnets', 'InvalidSubnetID')} The subnet ID 'subnet-0' does not exist",
        ),
        (
            {"SubnetIds": [ref("Private")], "SecurityGroupIds": ["sg-0"]},
            f"{EC2.format('SecurityGroups', 'InvalidGroup')} The security group 'sg-0' does not exist",
        ),
        (
            {"SubnetIds": [ref("Private")], "SecurityGroupIds": [ref("Group2")]},
            "the subnets and security groups of a function must be in one VPC.",
        ),
        ({"SubnetIds": [ref("Private")] * 17, "SecurityGroupIds": [ref("App")]}, "VpcConfig takes at most 16 subnets"),
        ({"SubnetIds": [[]], "SecurityGroupIds": [{}]}, "Error occurred while DescribeSubnets."),
        ("subnet", "VpcConfig must be a mapping (key: value)."),
        ({**ATTACHED, "Ipv6AllowedForDualStack": True}, "Ipv6AllowedForDualStack has no effect in lambdalab yet"),
    ],
)
def test_a_wrong_vpc_config_is_told_before_the_run(config: Any, message: str) -> None:
    more = {
        "Vpc2": made("VPC", CidrBlock="10.9.0.0/16"),
        "Group2": made("SecurityGroup", VpcId=ref("Vpc2"), GroupDescription="g"),
    }
    found = problems(inside(make_function(VpcConfig=config), **more))
    assert [problem.message for problem in found if problem.message.startswith(f"Work: {message}")]


def test_a_public_subnet_is_a_warning() -> None:
    config = {"SubnetIds": [ref("Public")], "SecurityGroupIds": [ref("App")]}
    (problem,) = problems(inside(make_function(VpcConfig=config)))
    assert (problem.severity, problem.path, problem.line > 0) == ("warning", "template.json", True)
    assert problem.message.startswith("Work: the subnet public-a leads to an internet gateway, which does not help")


def test_subnets_of_which_only_some_have_a_way_out_are_a_warning() -> None:
    config = {"SubnetIds": [ref("Private"), ref("Third")], "SecurityGroupIds": [ref("App")]}
    third = made("Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.9.0/24")
    (problem,) = problems(inside(make_function(VpcConfig=config), Third=third, **make_nat()))
    assert problem.message == (
        "Work: environments in the subnet Third will not reach the Internet; those in other subnets will."
    )
    assert problems(inside()) == []


UPDATE = "lambda.update_function_configuration"


@pytest.mark.rule("I-02")
def test_an_update_into_a_vpc_takes_as_long_as_its_interface_and_the_old_configuration_serves_meanwhile() -> None:
    template = inside(make_function())
    known = ids(template)
    config = {"SubnetIds": [known["Private"]], "SecurityGroupIds": [known["App"]]}
    run = play(
        template,
        steps(
            call("0s", UPDATE, FunctionName="work", VpcConfig=config),
            call("30s", "lambda.get_function_configuration", FunctionName="work"),
            invoke("30s", kind="RequestResponse"),
        ),
    )
    (at,) = run.times(FunctionUpdated)
    assert 60 <= at <= 91
    assert run.times(FunctionAttached) == run.times(InterfaceMade) == [at]
    assert run.summary["functions"]["work"]["errors"] == 0


def test_a_scenario_may_write_logical_ids() -> None:
    config = {"SubnetIds": ["Private"], "SecurityGroupIds": ["App"]}
    run = play(inside(make_function()), steps(call("0s", UPDATE, FunctionName="work", VpcConfig=config)))
    assert [fact.subnets for fact in run.of(FunctionAttached)] == [("private-a",)]


def test_an_update_whose_interfaces_exist_is_as_fast_as_any_other() -> None:
    template = inside(make_function(), make_function("other", VpcConfig=ATTACHED))
    known = ids(template)
    config = {"SubnetIds": [known["Private"]], "SecurityGroupIds": [known["App"]]}
    run = play(template, steps(call("0s", UPDATE, FunctionName="work", VpcConfig=config)))
    assert run.times(FunctionUpdated)[0] < 4
    assert len(run.of(InterfaceMade)) == 1


def test_a_deploy_step_attaches_a_function_as_an_update_does() -> None:
    before, after = inside(make_function()), inside(make_function(VpcConfig=ATTACHED))
    step = {"at": "10s", "deploy": {"template": "next.json"}}
    run = play(before, steps(step), files={"next.json": json.dumps(after).encode()})
    assert [fact.outcome for fact in run.of(StepPlayed)] == ["UPDATE_COMPLETE"]
    assert 70 <= run.times(FunctionAttached)[0] <= 101


def test_a_function_leaves_its_vpc_by_empty_lists() -> None:
    empty = {"SubnetIds": [], "SecurityGroupIds": []}
    run = play(inside(), steps(call("0s", UPDATE, FunctionName="work", VpcConfig=empty)))
    assert [fact.vpc for fact in run.of(FunctionAttached)] == ["shop", None]


@pytest.mark.parametrize(
    ("allow", "config", "message"),
    [
        (["ec2:Describe*"], None, "The provided execution role does not have permissions to call CreateNetwork"),
        (["*"], {"SubnetIds": ["subnet-0"], "SecurityGroupIds": ["sg-0"]}, "Error occurred while DescribeSubnets."),
        (["*"], {"SubnetIds": ["subnet-0"] * 17, "SecurityGroupIds": ["sg-0"]}, "1 validation error detected: Value"),
    ],
)
def test_an_update_is_refused_in_the_same_words(allow: list[str], config: Any, message: str) -> None:
    template = inside(make_function(), allow=allow)
    known = ids(template)
    config = config or {"SubnetIds": [known["Private"]], "SecurityGroupIds": [known["App"]]}
    run = play(template, steps(call("0s", UPDATE, FunctionName="work", VpcConfig=config)))
    (fact,) = run.of(ApiCalled)
    assert fact.status == 400
    assert str(fact.message).startswith(message)
    assert run.of(FunctionUpdated) == []


def test_a_new_network_interface_decides_for_new_environments() -> None:
    """A function that is attached loses its way to the Internet: the second half of the most common story."""
    template = inside(make_function(Timeout=3))
    known = ids(template)
    config = {"SubnetIds": [known["Private"]], "SecurityGroupIds": [known["App"]]}
    act = Act(calls=(("sqs", "ListQueues", {}),))
    run = play(
        template,
        steps(
            invoke("0s", kind="RequestResponse"),
            call("1s", UPDATE, FunctionName="work", VpcConfig=config),
            invoke("2m", kind="RequestResponse"),
        ),
        act,
    )
    assert len(run.of(PathBlocked)) == 1
    assert run.summary["functions"]["work"]["timeouts"] == 1


def test_a_template_without_a_vpc_has_no_facts_of_one() -> None:
    run = play(make_template(), steps(invoke()))
    assert not [stamped for stamped in run.facts if stamped.fact.kind.startswith(("vpc.", "endpoint."))]
