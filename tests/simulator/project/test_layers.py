"""Layers in a template, and what an update of the stack makes of them. Fact K.3."""

import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import (
    AliasChanged,
    ApiCalled,
    InvocationEnded,
    LayerDeleted,
    LayerPublished,
    LayersConfigured,
    StackUpdateEnded,
)
from tests.simulator.lambda_.test_layers import zipped
from tests.simulator.playing import CODE, Played, as_files, call, invoke, make_function, make_template, play, steps

ARN = "arn:aws:lambda:us-east-1:123456789012:layer"
FILES = {
    "layers/a/python/shared.py": b"A = 1",
    "layers/b/python/shared.py": b"B = 22",
    "layers/packed.zip": zipped(python__shared=b"PACKED"),
    "layers/broken.zip": b"no zip",
    "next/app.py": b"",
}
SAM = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.13, Layers: [!Ref First]}
Resources:
  First: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layers/a}}
  Second: {Type: AWS::Serverless::LayerVersion, Properties: {LayerName: second, ContentUri: layers/packed.zip}}
  Work:
    Type: AWS::Serverless::Function
    Properties: {FunctionName: work, Handler: app.handler, CodeUri: src/, Layers: [!Ref Second]}
"""


def a_layer(content: Any = "layers/a", **more: Any) -> dict[str, Any]:
    properties = {"LayerName": "shared", "Content": content, **more.pop("properties", {})}
    return {"Type": "AWS::Lambda::LayerVersion", "Properties": properties, **more}


def layered(*names: str, **resources: Any) -> dict[str, Any]:
    """A function with the layers of these logical ids."""
    return make_template(make_function(Layers=[{"Ref": name} for name in names]), **resources)


def problems(template: Any) -> list[str]:
    return [problem.message for problem in problems_of(read_template({**CODE, **FILES, **as_files(template)}))]


def contents(function: Any, event: Any, count: int) -> Act:
    return Act(result=[next(iter(layer.files.values())).decode() for layer in function.layers])


def updated(old: Any, new: Any, *entries: dict[str, Any]) -> Played:
    """Play an update at 10 s, with an invocation before and one after it."""
    around = [invoke(at, kind="RequestResponse") for at in ("5s", "60s")]
    deploy = {"at": "10s", "deploy": {"template": "new.json"}}
    return play(
        old, steps(*around, deploy, *entries), contents, files=FILES | {"new.json": json.dumps(new).encode()}
    )


def results(played: Played) -> list[str]:
    return [fact.payload for fact in played.of(InvocationEnded)]


def test_a_function_has_the_layers_of_globals_and_then_its_own() -> None:
    played = play(SAM, steps(invoke(kind="RequestResponse")), contents, files=FILES)
    assert results(played) == ['["A = 1", "PACKED"]']
    assert [list(fact.layers) for fact in played.of(LayersConfigured)] == [[f"{ARN}:First:1", f"{ARN}:second:1"]]
    assert [(fact.layer, fact.folder) for fact in played.of(LayerPublished)] == [
        ("First", "layers/a"),
        ("second", "layers/packed.zip"),
    ]


def test_the_number_stands_where_the_template_names_the_layer() -> None:
    function = make_function(Layers=[{"Ref": "Shared"}], Environment={"Variables": {"LAYER": {"Ref": "Shared"}}})

    def script(function: Any, event: Any, count: int) -> Act:
        return Act(result=function.environment["LAYER"])

    played = play(make_template(function, Shared=a_layer()), steps(invoke(kind="RequestResponse")), script, files=FILES)
    assert results(played) == [f'"{ARN}:shared:1"']


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (layered("Shared", Shared=a_layer("layers/broken.zip")), "Shared: Could not unzip uploaded file."),
        (layered("Shared", Shared=a_layer({"S3Bucket": "b", "S3Key": "k"})), "S3 Error Code: NoSuchKey."),
        (layered("Shared", Shared=a_layer(properties={"LayerName": "a.b"})), "LayerName must be 1 to 140 letters"),
        (layered("Shared", Shared=a_layer(properties={"Size": 3})), "the property Size of AWS::Lambda::LayerVersion"),
        (layered(*"ABCDEF", **{n: a_layer(properties={"LayerName": n}) for n in "ABCDEF"}),
         "Work: Cannot reference more than 5 layers."),
        (layered("One", "Two", One=a_layer(), Two=a_layer("layers/b")),
         "Work: Two different versions of the same layer are not allowed to be referenced in the same function."),
        (make_template(make_function(Layers=[f"{ARN}:s:1"])), f"Work: Layer version {ARN}:s:1 does not exist."),
        (make_template(make_function(Layers="all")), "Work: Layers must be a list of ARNs of layer versions."),
    ],
)  # fmt: skip
def test_layers_that_cannot_be_are_reported_where_they_stand(template: Any, text: str) -> None:
    assert [message for message in problems(template) if text in message]


def test_code_and_layers_of_a_template_are_weighed_together() -> None:
    template = layered("Shared", Shared=a_layer("big/"))
    files = {**CODE, "big/x": bytes(262_144_000), **as_files(template)}
    (problem,) = problems_of(read_template(files))
    assert "Work: Function code combined with layers exceeds the maximum allowed size" in problem.message


def test_new_content_makes_a_new_version_and_the_old_one_is_deleted() -> None:
    played = updated(layered("Shared", Shared=a_layer()), layered("Shared", Shared=a_layer("layers/b")))
    assert results(played) == ['["A = 1"]', '["B = 22"]']
    assert [fact.version for fact in played.of(LayerPublished)] == [1, 2]
    assert [fact.version for fact in played.of(LayerDeleted)] == [1]


@pytest.mark.parametrize("kept", [{"UpdateReplacePolicy": "Retain"}, {"DeletionPolicy": "Retain"}])
def test_the_old_version_stays_where_a_policy_retains_it(kept: dict[str, str]) -> None:
    """UpdateReplacePolicy is for a resource that is replaced, DeletionPolicy for one that leaves the template."""
    after = {"Other": a_layer("layers/b")} if "DeletionPolicy" in kept else {"Shared": a_layer("layers/b", **kept)}
    played = updated(layered("Shared", Shared=a_layer(**kept)), layered(*after, **after))
    assert [fact.version for fact in played.of(LayerPublished)] == [1, 2]
    assert played.of(LayerDeleted) == []


def test_a_layer_that_stays_as_it_is_keeps_its_version_while_the_function_changes() -> None:
    new = make_template(make_function(Layers=[{"Ref": "Shared"}], MemorySize=256), Shared=a_layer())
    played = updated(layered("Shared", Shared=a_layer()), new)
    assert [fact.version for fact in played.of(LayerPublished)] == [1]
    assert len(played.of(LayersConfigured)) == 1


def test_after_a_failed_update_the_function_has_its_old_layer_and_the_new_version_is_gone() -> None:
    alias = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Work"}, "Name": "live"}}
    old = layered("Shared", Shared=a_layer(), Live=with_version(alias, "$LATEST"))
    new = layered("Shared", Shared=a_layer("layers/b"), Live=with_version(alias, "7"))
    played = updated(old, new)
    assert [fact.status for fact in played.of(StackUpdateEnded)] == ["UPDATE_ROLLBACK_COMPLETE"]
    assert len(played.of(AliasChanged)) == 1
    assert results(played) == ['["A = 1"]', '["A = 1"]']
    assert [fact.version for fact in played.of(LayerDeleted)] == [2]


def with_version(alias: dict[str, Any], version: str) -> dict[str, Any]:
    return {**alias, "Properties": {**alias["Properties"], "FunctionVersion": version}}


def test_a_step_may_deploy_new_content_for_a_layer() -> None:
    deploy = {"at": "10s", "deploy": {"code": {"Shared": "layers/b"}}}
    calls = [invoke(at, kind="RequestResponse") for at in ("5s", "60s")]
    played = play(layered("Shared", Shared=a_layer()), steps(deploy, *calls), contents, files=FILES)
    assert results(played) == ['["A = 1"]', '["B = 22"]']


def test_a_permission_of_the_template_shares_a_version_with_another_account() -> None:
    allow = {"LayerVersionArn": {"Ref": "Shared"}, "Action": "lambda:GetLayerVersion", "Principal": "999999999999"}
    permission = {"Type": "AWS::Lambda::LayerVersionPermission", "Properties": allow}
    theirs = call("1s", "lambda.get_layer_version", LayerName="shared", VersionNumber=1)
    step = {**theirs, "as": "arn:aws:iam::999999999999:root"}
    statuses = [
        play(layered("Shared", Shared=a_layer(), **more), steps(step), files=FILES).of(ApiCalled)[0].status
        for more in ({}, {"Permission": permission})
    ]
    assert statuses == [403, 200]
