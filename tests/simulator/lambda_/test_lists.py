"""Lists come in pages, and what they and GetFunction show. Source: botocore's lambda model."""

import re

import pytest

from tests.simulator.desk import Desk, output, refused

UPDATES = 3


def published(count: int = UPDATES) -> Desk:
    desk = Desk()
    for memory_mb in range(128, 128 + count):
        desk.call("UpdateFunctionConfiguration", MemorySize=memory_mb)
        desk.wait(5)
        desk.call("PublishVersion")
    return desk


def test_versions_come_in_pages_of_the_size_that_was_asked_for() -> None:
    desk = published()
    first = output(desk.call("ListVersionsByFunction", MaxItems=3))
    assert [each["Version"] for each in first["Versions"]] == ["$LATEST", "1", "2"]
    last = output(desk.call("ListVersionsByFunction", Marker=first["NextMarker"]))
    assert [each["Version"] for each in last["Versions"]] == ["3"]
    assert "NextMarker" not in last


def test_a_page_has_fifty_items_at_most_whatever_is_asked_for() -> None:
    desk = Desk()
    for number in range(51):
        desk.call("CreateAlias", Name=f"a{number:02}", FunctionVersion="$LATEST")
        desk.wait(1)
    page = output(desk.call("ListAliases", MaxItems=10_000))
    assert len(page["Aliases"]) == 50
    rest = output(desk.call("ListAliases", Marker=page["NextMarker"]))
    assert [each["Name"] for each in rest["Aliases"]] == ["a50"]


def test_a_marker_that_no_list_gave_is_refused() -> None:
    assert refused(Desk().call("ListAliases", Marker="next, please"))[1] == "InvalidParameterValueException"


def test_functions_are_listed_without_their_state_and_with_all_versions_when_asked() -> None:
    desk = published(2)
    (row,) = output(desk.ask("lambda", "ListFunctions", {}))["Functions"]
    assert (row["FunctionName"], row["Version"], row["FunctionArn"][-4:]) == ("work", "$LATEST", "work")
    assert not {"State", "LastUpdateStatus", "RuntimeVersionConfig"} & set(row)
    rows = output(desk.ask("lambda", "ListFunctions", {"FunctionVersion": "ALL"}))["Functions"]
    assert [each["FunctionArn"].rpartition(":")[2] for each in rows] == ["$LATEST", "1", "2"]


@pytest.mark.rule("C.1-01")
def test_the_accounts_settings_tell_its_concurrency_and_what_is_not_reserved() -> None:
    desk = published(1)
    desk.call("PutFunctionConcurrency", ReservedConcurrentExecutions=300)
    settings = output(desk.ask("lambda", "GetAccountSettings", {}))
    limit = settings["AccountLimit"]
    assert (limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]) == (1_000, 700)
    assert (limit["CodeSizeZipped"], limit["CodeSizeUnzipped"]) == (52_428_800, 262_144_000)
    assert settings["AccountUsage"] == {"FunctionCount": 1, "TotalCodeSize": 0}


def test_a_function_has_a_revision_from_its_beginning_and_each_version_its_own() -> None:
    desk = Desk()
    first = output(desk.call("GetFunctionConfiguration"))
    assert re.fullmatch(r"[0-9a-f-]{36}", first["RevisionId"])
    assert re.fullmatch(r"1970-01-01T00:00:00\.\d{3}\+0000", first["LastModified"])
    version = output(desk.call("PublishVersion", RevisionId=first["RevisionId"]))
    assert version["RevisionId"] != first["RevisionId"]
    desk.wait(10)
    changed = output(desk.call("UpdateFunctionConfiguration", MemorySize=256))
    assert changed["LastModified"] > version["LastModified"]
    kept = output(desk.call("GetFunctionConfiguration", Qualifier="1"))
    assert (kept["RevisionId"], kept["LastModified"]) == (version["RevisionId"], version["LastModified"])


def test_a_version_is_not_being_updated_while_latest_is() -> None:
    desk = Desk()
    desk.call("PublishVersion")
    desk.facts.clear()
    for operation in ("UpdateFunctionConfiguration", "ListVersionsByFunction"):
        answer = output(desk.call(operation, **({"MemorySize": 256} if operation.startswith("Update") else {})))
    assert [each["LastUpdateStatus"] for each in answer["Versions"]][1] == "Successful"
