"""Layers: packages that functions share. Fact K.3."""

import io
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.lambda_.layers import LayerVersion, merged
from lambdalab.simulator.lambda_.packages import combined_refusal, folders_of, unzipped, uploaded
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project import code
from lambdalab.simulator.trace.facts import (
    ApiCalled,
    InvocationEnded,
    LayerDeleted,
    LayerPublished,
    LayersConfigured,
    VersionPublished,
)
from lambdalab.simulator.vocabulary.errors import AwsError
from tests.simulator.desk import Desk, output, refused
from tests.simulator.playing import Played, call, invoke, make_template, play, steps

ARN = "arn:aws:lambda:us-east-1:123456789012:layer"
FILES = {"layers/a/python/shared.py": b"A = 1\n", "layers/b/python/shared.py": b"B = 22\n"}


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in files.items():
            archive.writestr(path.replace("__", "/"), content)
    return buffer.getvalue()


def layer(number: int = 1, name: str = "a", **files: bytes) -> LayerVersion:
    return LayerVersion(name, number, {path.replace("__", "/"): content for path, content in files.items()})


def publish(at: str = "0s", name: str = "shared", folder: str = "layers/a", **more: Any) -> dict[str, Any]:
    content = {"S3Bucket": "lambdalab-project", "S3Key": folder}
    return call(at, "lambda.publish_layer_version", LayerName=name, Content=content, **more)


def use(at: str, *arns: str) -> dict[str, Any]:
    return call(at, "lambda.update_function_configuration", FunctionName="work", Layers=list(arns))


def layered(*entries: dict[str, Any], script: Any = None) -> Played:
    return play(make_template(), steps(*entries), script, files=FILES)


def layers_of(function: Any, event: Any, count: int) -> Act:
    return Act(result=[version.arn.rpartition(":layer:")[2] for version in function.layers])


def failures(played: Played) -> list[tuple[int, str | None, str | None]]:
    return [(fact.status, fact.error, fact.message) for fact in played.of(ApiCalled) if fact.error]


@pytest.mark.rule("K.3-01")
def test_the_last_layer_that_has_a_file_wins() -> None:
    found = merged([layer(python__x=b"1", python__y=b"1"), layer(python__x=b"2")])
    assert found == {"python/x": b"2", "python/y": b"1"}


def test_a_folder_takes_the_place_of_a_file_and_a_file_that_of_a_folder() -> None:
    assert merged([layer(python=b"1"), layer(python__x=b"2")]) == {"python/x": b"2"}
    assert merged([layer(python__x=b"1", lib=b"1"), layer(python=b"2")]) == {"python": b"2", "lib": b"1"}


PATHS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3).map("/".join)
TREES = st.dictionaries(PATHS, st.binary(max_size=2)).filter(lambda files: not files.keys() & folders_of(files))


@given(st.lists(TREES, max_size=4))
def test_what_is_merged_is_always_a_folder_and_has_all_of_the_last_layer(trees: list[dict[str, bytes]]) -> None:
    found = merged([LayerVersion("x", n, files) for n, files in enumerate(trees, 1)])
    assert not found.keys() & folders_of(found)
    assert not trees or trees[-1].items() <= found.items()
    assert found.items() <= {item for files in trees for item in files.items()}


@pytest.mark.rule("J.4-03")
def test_code_and_layers_together_are_at_most_250_mb() -> None:
    half = b"x" * 131_072_000
    assert combined_refusal({"a": half}, [{"b": half}]) is None
    refusal = combined_refusal({"a": half}, [{"b": half}, {"c": b"x"}])
    assert refusal is not None
    assert refusal.message == (
        "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. "
        "The actual size is 262144001 bytes."
    )


def test_versions_are_numbered_from_one_and_a_number_is_never_used_again() -> None:
    delete = call("2s", "lambda.delete_layer_version", LayerName="shared", VersionNumber=2)
    played = layered(publish("0s"), publish("1s", folder="layers/b"), delete, publish("3s"))
    assert [(fact.layer, fact.version) for fact in played.of(LayerPublished)] == [("shared", n) for n in (1, 2, 3)]
    assert [fact.bytes for fact in played.of(LayerPublished)] == [6, 7, 6]
    assert [fact.folder for fact in played.of(LayerPublished)] == ["layers/a", "layers/b", "layers/a"]


def test_a_zip_within_the_request_is_a_layer_too() -> None:
    desk = Desk()
    answer = ask(desk, "PublishLayerVersion", LayerName="z", Content={"ZipFile": zipped(python__x=b"X = 1\n")})
    made = output(answer)
    assert answer.status == 201
    assert (made["LayerArn"], made["LayerVersionArn"], made["Version"]) == (f"{ARN}:z", f"{ARN}:z:1", 1)
    assert (made["CreatedDate"], made["Content"]["CodeSize"]) == ("1970-01-01T00:00:00.000+0000", 6)
    found = desk.lambda_.layers.find("z", 1)
    assert found is not None
    assert found.files == {"python/x": b"X = 1\n"}


def test_a_function_has_the_layers_that_its_configuration_names_in_that_order() -> None:
    arns = [f"{ARN}:b:1", f"{ARN}:a:1"]
    calls = [publish("0s", "a"), publish("0s", "b", "layers/b"), use("1s", *arns)]
    played = layered(*calls, invoke("10s", kind="RequestResponse"), script=layers_of)
    assert [fact.payload for fact in played.of(InvocationEnded)] == ['["b:1", "a:1"]']
    assert [list(fact.layers) for fact in played.of(LayersConfigured)] == [arns]


@pytest.mark.rule("K.3-03")
def test_an_update_replaces_the_whole_list() -> None:
    calls = [publish("0s", "a"), publish("0s", "b"), use("1s", f"{ARN}:a:1"), use("10s", f"{ARN}:b:1"), use("20s")]
    played = layered(*calls, invoke("30s", kind="RequestResponse"), script=layers_of)
    assert [list(fact.layers) for fact in played.of(LayersConfigured)] == [[f"{ARN}:a:1"], [f"{ARN}:b:1"], []]
    assert [fact.payload for fact in played.of(InvocationEnded)] == ["[]"]


@pytest.mark.rule("K.3-03")
def test_functions_keep_a_version_that_is_deleted_and_no_other_can_take_it() -> None:
    delete = call("10s", "lambda.delete_layer_version", LayerName="shared", VersionNumber=1)
    again = use("30s", f"{ARN}:shared:1")
    calls = [publish("0s"), use("1s", f"{ARN}:shared:1"), delete, invoke("20s", kind="RequestResponse"), again]
    played = layered(*calls, script=layers_of)
    assert len(played.of(LayerDeleted)) == 1
    assert [fact.payload for fact in played.of(InvocationEnded)] == ['["shared:1"]']
    text = f"Layer version {ARN}:shared:1 does not exist."
    assert failures(played) == [(400, "InvalidParameterValueException", text)]


def test_other_layers_make_another_version_of_the_function() -> None:
    versions = [call(at, "lambda.publish_version", FunctionName="work") for at in ("0s", "10s", "11s")]
    played = layered(publish("0s"), use("1s", f"{ARN}:shared:1"), *versions)
    assert [fact.version for fact in played.of(VersionPublished)] == ["1", "2"]


@pytest.mark.rule("J.4-06", "K.3-02", "X.3-17")
@pytest.mark.parametrize(
    ("arns", "text"),
    [
        ([f"{ARN}:l{n}:1" for n in range(6)], "Cannot reference more than 5 layers."),
        ([f"{ARN}:shared:9"], f"Layer version {ARN}:shared:9 does not exist."),
        (["arn:aws:lambda:us-east-1:999999999999:layer:shared:1"], "does not exist."),
        (
            [f"{ARN}:shared:1", f"{ARN}:shared:2"],
            f"referenced in the same function. {ARN}:shared:1 and {ARN}:shared:2 are versions of the same layer.",
        ),
    ],
)
def test_layers_that_cannot_be_change_nothing(arns: list[str], text: str) -> None:
    played = layered(publish("0s"), publish("0s"), use("1s", *arns), invoke("9s", kind="RequestResponse"))
    ((status, error, message),) = failures(played)
    assert (status, error) == (400, "InvalidParameterValueException")
    assert (message or "").endswith(text)
    assert played.of(LayersConfigured) == []


def test_lists_show_the_newest_version_first_and_only_what_was_made_for_the_runtime() -> None:
    desk = Desk()
    for name, about in (("a", {"CompatibleRuntimes": ["python3.13"]}), ("a", {}), ("b", {"Description": "b's"})):
        ask(desk, "PublishLayerVersion", LayerName=name, Content={"ZipFile": zipped(x=b"")}, **about)
    assert [row["LayerName"] for row in output(ask(desk, "ListLayers"))["Layers"]] == ["a", "b"]
    (only,) = output(ask(desk, "ListLayers", CompatibleRuntime="python3.13"))["Layers"]
    assert (only["LayerName"], only["LatestMatchingVersion"]["Version"]) == ("a", 1)
    versions = output(ask(desk, "ListLayerVersions", LayerName="a"))["LayerVersions"]
    assert [row["LayerVersionArn"] for row in versions] == [f"{ARN}:a:2", f"{ARN}:a:1"]
    by_arn = output(ask(desk, "GetLayerVersionByArn", Arn=f"{ARN}:b:1"))
    assert by_arn == output(ask(desk, "GetLayerVersion", LayerName="b", VersionNumber=1))
    assert (by_arn["Description"], "CompatibleRuntimes" in by_arn) == ("b's", False)


def test_a_function_tells_its_layers_with_their_sizes() -> None:
    desk = Desk()
    ask(desk, "PublishLayerVersion", LayerName="a", Content={"ZipFile": zipped(x=b"123")})
    answer = output(desk.call("UpdateFunctionConfiguration", Layers=[f"{ARN}:a:1"]))
    assert answer["Layers"] == [{"Arn": f"{ARN}:a:1", "CodeSize": 3}]


def test_code_that_is_too_large_for_the_layers_is_refused() -> None:
    desk = Desk(layers=(layer(x=bytes(262_144_000)),))
    desk.lambda_.function_api.code_source = lambda params: ("", {"app.py": b"1"})
    status, error, text = refused(desk.call("UpdateFunctionCode", ZipFile=b""))
    assert (status, error) == (400, "InvalidParameterValueException")
    assert text.endswith("The actual size is 262144001 bytes.")


def ask(desk: Desk, operation: str, **params: Any) -> Any:
    desk.lambda_.function_api.code_source = lambda given: code.source_of({}, given)
    return desk.ask("lambda", operation, params)


@pytest.mark.parametrize(
    ("operation", "params", "error", "text"),
    [
        ("get_layer_version", {"LayerName": "shared", "VersionNumber": 7}, "ResourceNotFoundException",
         "The resource you requested does not exist."),
        ("get_layer_version", {"LayerName": "shared", "VersionNumber": 0}, "InvalidParameterValueException",
         "Layer Version Cannot be less than 1."),
        ("get_layer_version_policy", {"LayerName": "shared", "VersionNumber": 1}, "ResourceNotFoundException",
         "The resource you requested does not exist."),
        ("publish_layer_version", {"LayerName": "x", "Content": {"S3Bucket": "bucket", "S3Key": "k"}},
         "InvalidParameterValueException", "S3 Error Code: NoSuchKey."),
        ("publish_layer_version", {"LayerName": "x", "Content": {"ZipFile": "no zip"}},
         "InvalidParameterValueException", "Could not unzip uploaded file."),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_gets_awss_words(operation: str, params: dict[str, Any], error: str, text: str) -> None:
    played = layered(publish("0s"), call("1s", f"lambda.{operation}", **params))
    ((_, code, message),) = failures(played)
    assert code == error
    assert text in (message or "")


@pytest.mark.rule("K.3-04")
def test_another_account_may_get_a_version_that_was_shared_with_it_and_no_other() -> None:
    theirs = "arn:aws:iam::999999999999:root"
    share = call("1s", "lambda.add_layer_version_permission", LayerName="shared", VersionNumber=1, StatementId="s",
                 Action="lambda:GetLayerVersion", Principal="999999999999")  # fmt: skip
    gets = [call(f"{n}s", "lambda.get_layer_version", LayerName="shared", VersionNumber=n - 1) for n in (2, 3)]
    played = layered(publish("0s"), publish("0s"), share, *({**get, "as": theirs} for get in gets))
    ((status, error, _),) = failures(played)
    assert (status, error) == (403, "AccessDeniedException")


@pytest.mark.parametrize("name", ["../x", "/x", "a\\b", "x" * 256])
def test_a_zip_that_leads_elsewhere_or_cannot_be_unpacked_is_refused(name: str) -> None:
    found = unzipped(zipped(**{name: b""}))
    assert isinstance(found, AwsError)
    assert found.message == "Could not unzip uploaded file. Please check your file, then try to upload again."


def test_a_zip_may_not_have_a_file_and_a_folder_of_one_name() -> None:
    assert isinstance(unzipped(zipped(a=b"", a__b=b"")), AwsError)


@pytest.mark.rule("J.4-02")
def test_a_zip_in_a_request_has_at_most_50_mb_and_one_in_a_bucket_may_have_more() -> None:
    large = zipped(x=b"x" * 52_428_800)
    refusal = uploaded(large)
    assert isinstance(refusal, AwsError)
    assert (refusal.status, refusal.code) == (413, "RequestEntityTooLargeException")
    assert refusal.message == "Zipped size must be smaller than 52428800 bytes"
    assert not isinstance(unzipped(large), AwsError)


def test_more_than_250_mb_of_files_are_refused_without_being_kept() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(6):
            archive.writestr(str(n), bytes(50_000_000))
    found = unzipped(buffer.getvalue())
    assert isinstance(found, AwsError)
    assert found.message == "Unzipped size must be smaller than 262144000 bytes"


@pytest.mark.parametrize("home", ["us-east-1:999999999999", "eu-west-1:123456789012"])
def test_a_layer_of_elsewhere_is_not_mistaken_for_ones_own(home: str) -> None:
    desk = Desk()
    desk.lambda_.layers.publish("shared", {"python/shared.py": b""})
    name = f"arn:aws:lambda:{home}:layer:shared"
    assert refused(desk.ask("lambda", "GetLayerVersion", {"LayerName": name, "VersionNumber": 1}))[0] == 404
    desk.ask("lambda", "DeleteLayerVersion", {"LayerName": name, "VersionNumber": 1})
    published = desk.ask("lambda", "PublishLayerVersion", {"LayerName": name, "Content": {"ZipFile": b"x"}})
    assert refused(published)[0] == 403
    assert desk.lambda_.layers.find("shared", 1) is not None
