"""The cache: what has the same key, how long it stays, what is never served for another."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.kernel import SECOND, Micros
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.services.http.cloudfront.cache import Cache, Entry
from lambdalab.simulator.services.http.cloudfront.freshness import error_lifetime, lifetime
from lambdalab.simulator.services.http.cloudfront.keys import key_of
from lambdalab.simulator.services.http.cloudfront.model import Behavior, CachePolicy, Names
from lambdalab.simulator.services.http.cloudfront.policies import CACHE_POLICIES
from lambdalab.simulator.services.http.messages import HttpResponse, size_of
from lambdalab.simulator.trace.facts import EdgeCacheAsked, EdgeCached, EdgeInvalidated
from tests.simulator.playing import call
from tests.simulator.services.http.clients import header, http
from tests.simulator.services.http.cloudfront.sites import (
    AS_ORIGIN_SAYS,
    DISABLED,
    answers,
    at,
    behavior,
    changing,
    policy,
    results,
    site,
    visit,
)

NOW = 1_764_579_600.0  # Monday 2025-12-01 09:00 UTC
LATER = "Mon, 01 Dec 2025 09:05:00 GMT"
EARLIER = "Mon, 01 Dec 2025 08:00:00 GMT"


def own(**parts: Any) -> dict[str, Any]:
    """A site with a cache policy of its own."""
    return site(behavior(policy={"Ref": "Own"}), Own=policy(**parts))


def kept(headers: dict[str, str], least: float = 0, usual: float = 60, most: float = 3600) -> float:
    return lifetime(tuple(headers.items()), CachePolicy("own", least, usual, most), NOW)


@pytest.mark.parametrize(
    ("headers", "without", "with_minimum"),
    [
        ({}, 60, 100),
        ({"Cache-Control": "max-age=30"}, 30, 100),
        ({"Cache-Control": "max-age=200"}, 200, 200),
        ({"cache-control": "MAX-AGE=200"}, 200, 200),
        ({"Cache-Control": "max-age=9999"}, 3600, 3600),
        ({"Cache-Control": "max-age=30, s-maxage=200"}, 200, 200),
        ({"Expires": LATER}, 300, 300),
        ({"Expires": EARLIER}, 0, 100),
        ({"Expires": "0"}, 0, 100),
        ({"Cache-Control": "max-age=30", "Expires": LATER}, 30, 100),
        ({"Cache-Control": "no-cache"}, 0, 100),
        ({"Cache-Control": "no-store, max-age=30"}, 0, 100),
        ({"Cache-Control": "private"}, 0, 100),
        ({"Cache-Control": 'no-cache="Set-Cookie", max-age=30'}, 30, 100),
        ({"Cache-Control": "max-age=soon"}, 60, 100),
    ],
)
def test_how_long_an_object_stays_is_the_table_of_cloudfronts_guide(
    headers: dict[str, str], without: float, with_minimum: float
) -> None:
    """Amazon CloudFront Developer Guide, "Specify the amount of time that CloudFront caches objects"."""
    assert kept(headers) == without
    assert kept(headers, least=100) == with_minimum


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (404, {}, 10), (500, {}, 10), (504, {}, 10), (404, {"Cache-Control": "max-age=60"}, 60),
        (404, {"Cache-Control": "max-age=5"}, 10),
        (403, {}, 0), (403, {"Cache-Control": "max-age=60"}, 60), (429, {"Cache-Control": "max-age=60"}, 0),
    ],
)  # fmt: skip
def test_how_long_an_error_stays(status: int, headers: dict[str, str], seconds: float) -> None:
    pairs = tuple(headers.items())
    assert error_lifetime(status, pairs, CachePolicy("own"), 10) == seconds
    assert error_lifetime(status, pairs, CACHE_POLICIES[DISABLED], 10) == 0


@given(
    st.dictionaries(st.sampled_from(["Cache-Control", "Expires"]), st.text(max_size=30) | st.sampled_from(
        ["max-age=5", "s-maxage=99999999999999999999", "no-store", LATER, EARLIER, 'a="b,c', "max-age=-1"])),
    st.floats(0, 1e9), st.floats(0, 1e9), st.floats(0, 1e9),
)  # fmt: skip
def test_whatever_an_origin_says_an_object_stays_between_minimum_and_maximum(
    headers: dict[str, str], one: float, two: float, three: float
) -> None:
    least, usual, most = sorted((one, two, three))
    if most:
        assert least <= kept(headers, least, usual, most) <= most


PARTS = st.sampled_from(["a", "b", ""])
REQUESTS = st.tuples(
    st.sampled_from(["/", "/a", "/b"]),
    st.lists(st.tuples(st.sampled_from(["x", "y"]), PARTS), max_size=2),
    st.lists(st.tuples(st.sampled_from(["u", "v"]), PARTS), max_size=2),
    st.lists(st.tuples(st.sampled_from(["X-One", "X-Two"]), PARTS), max_size=2),
)
NAMES = {
    word: st.one_of(
        st.just(Names()), st.just(Names("all")), st.just(Names("whitelist", frozenset({name}))),
        st.just(Names("allExcept", frozenset({name}))),
    ) for word, name in (("queries", "x"), ("cookies", "u"), ("headers", "x-one"))
}  # fmt: skip


@given(st.lists(REQUESTS, min_size=2, max_size=8), st.fixed_dictionaries(NAMES))
def test_two_requests_share_an_object_only_if_they_agree_in_all_that_counts(
    asked: Any, names: dict[str, Names]
) -> None:
    """What an answer may depend on is what the policy names: a key that is shared means the same answer."""
    whole = Behavior("*", "front", CachePolicy("own", **names))
    seen: dict[Any, Any] = {}
    for path, query, cookies, headers in asked:
        text = "&".join(f"{name}={value}" for name, value in query)
        pairs = (*headers, ("Cookie", "; ".join(f"{name}={value}" for name, value in cookies)))
        key = key_of(whole, "GET", path, text, pairs)
        counts = (
            path,
            [pair for pair in query if names["queries"].pick(pair[0])],
            sorted(pair for pair in cookies if names["cookies"].pick(pair[0])),
            sorted((name.lower(), value) for name, value in headers if names["headers"].pick(name.lower())),
        )
        assert seen.setdefault(key, counts) == counts
    assert len(seen) == len({repr(each) for each in seen.values()})


SIZES = st.integers(0, 300)
KEYS = [key_of(Behavior("*", "o", CachePolicy("own")), "GET", f"/{name}", "", ()) for name in "abcdef"]


@given(
    st.lists(
        st.tuples(st.sampled_from(["put", "get", "drop", "invalidate"]), st.sampled_from(KEYS), SIZES), max_size=40
    )
)
def test_a_cache_holds_what_was_put_last_and_never_too_much(acts: list[tuple[str, Any, int]]) -> None:
    cache, put = Cache(bytes_max=700, entries_max=4), {}
    for act, key, size in acts:
        if act == "put":
            body = key.uri.encode() + bytes(size)
            entry = Entry(HttpResponse(200, (), body), Micros(0), Micros(1))
            assert cache.put(key, entry) is (len(body) <= 700)
            put[key] = body
        elif act == "get":
            found = cache.get(key)
            assert found is None or found.response.body == put[key]
        elif act == "drop":
            cache.drop(key)
            assert cache.get(key) is None
        else:
            cache.invalidate([key.uri])
            assert cache.get(key) is None
        held = [found for each in KEYS if (found := cache.get(each)) is not None]
        assert cache.bytes_held == sum(len(each.response.body) + size_of(each.response.headers) for each in held) <= 700
        assert len(cache) == len(held) <= 4


def test_what_does_not_count_is_served_from_the_same_object() -> None:
    other = http("Site", at="1s", query="x=2", headers={"Cookie": "a=2", "Accept-Language": "de"})
    first = http("Site", query="x=1", headers={"Cookie": "a=1", "Accept-Language": "en"})
    assert results(visit(own(), first, other)) == ["Miss", "Hit"]


@pytest.mark.parametrize(
    ("parts", "asked"),
    [
        ({"queries": ["x"]}, {"query": "x=2"}),
        ({"queries": "all"}, {"query": "x=1&y=1"}),
        ({"cookies": ["a"]}, {"headers": {"Cookie": "a=2"}}),
        ({"cookies": "all"}, {"headers": {"Cookie": "a=1; b=1"}}),
        ({"headers": ["Accept-Language"]}, {"headers": {"Accept-Language": "de", "Cookie": "a=1"}}),
    ],
)
def test_what_counts_makes_another_object(parts: dict[str, Any], asked: dict[str, Any]) -> None:
    usual = {"query": "x=1", "headers": {"Cookie": "a=1", "Accept-Language": "en"}}
    played = visit(
        own(**parts), http("Site", **usual), http("Site", at="1s", **(usual | asked)), http("Site", at="2s", **usual)
    )
    assert results(played) == ["Miss", "Miss", "Hit"]


def test_an_object_that_has_expired_is_asked_for_again() -> None:
    played = visit(own(), *(http("Site", at=f"{at_}s") for at_ in (0, 59, 62, 63)))
    assert results(played) == ["Miss", "Hit", "Miss", "Hit"]
    assert [each.result for each in played.of(EdgeCacheAsked)] == ["miss", "hit", "expired", "hit"]
    assert [each.ttl_us for each in played.of(EdgeCached)] == [60 * SECOND] * 2


def test_what_the_origin_forbids_is_not_kept() -> None:
    web = {"/": {"body": "home", "headers": {"Cache-Control": "no-store"}}}
    assert results(visit(own(), http("Site"), http("Site", at="1s"), web=web)) == ["Miss", "Miss"]
    assert results(visit(own(MinTTL=5), http("Site"), http("Site", at="1s"), web=web)) == ["Miss", "Hit"]


def test_with_caching_disabled_every_request_goes_to_the_origin() -> None:
    played = visit(site(behavior(policy=DISABLED)), http("Site"), http("Site", at="1s"))
    assert results(played) == ["Miss", "Miss"]
    assert played.of(EdgeCacheAsked) == []


def test_the_origin_confirms_what_has_not_changed() -> None:
    """A function URL answers 304 to the version that it is asked about."""

    def script(function: Any, event: Any, count: int) -> Act:
        known = event["headers"].get("if-none-match")
        said = {"etag": '"1"', "cache-control": "max-age=10"}
        return Act(
            result={"statusCode": 304 if known == '"1"' else 200, "headers": said, "body": "" if known else "home"}
        )

    template = site(behavior(policy=AS_ORIGIN_SAYS), origins=(URL_ORIGIN,), **url_of("work"))
    template["Resources"]["Site"]["Properties"]["DistributionConfig"]["DefaultCacheBehavior"]["CachePolicyId"] = {
        "Ref": "Own"
    }
    template["Resources"]["Own"] = policy(DefaultTTL=0)
    played = visit(template, *(http("Site", at=f"{at_}s") for at_ in (0, 5, 12, 13)), script=script)
    assert results(played) == ["Miss", "Hit", "RefreshHit", "Hit"]
    assert [each.body for each in answers(played)] == ["home"] * 4
    assert played.summary["distributions"]["Site"]["hit_ratio"] == 0.75
    assert played.summary["distributions"]["Site"]["origin_by_status"] == {"200": 1, "304": 1}


def test_a_viewer_that_has_the_object_is_told_so() -> None:
    web = {"/": {"body": "home", "headers": {"ETag": '"1"'}}}
    asked = http("Site", at="1s", headers={"If-None-Match": '"1"'})
    first, second = answers(visit(own(), http("Site"), asked, web=web))
    assert (first.status, second.status, second.body, header(second, "x-cache")) == (
        200,
        304,
        "",
        "Hit from cloudfront",
    )


def test_an_error_is_kept_for_ten_seconds_and_no_function_changes_it_for_the_viewer() -> None:
    template = site(behavior(policy={"Ref": "Own"}), events=(at("viewer-response"),), Own=policy())
    played = visit(
        template, *(http("Site", "/gone", at=f"{at_}s") for at_ in (0, 9, 12)), script=changing(lambda told: None)
    )
    assert [each.status for each in answers(played)] == [404] * 3
    assert results(played) == ["Error"] * 3
    assert played.summary["distributions"]["Site"]["origin_requests"] == 2
    assert played.summary["functions"]["us-east-1.work"]["invocations"] == 0


def test_an_old_object_is_better_than_an_error_of_the_origin() -> None:
    def script(function: Any, event: Any, count: int) -> Act:
        if count > 1:
            return Act(result={"statusCode": 500, "body": "broken"})
        return Act(result={"statusCode": 200, "body": "home", "headers": {"cache-control": "max-age=10"}})

    template = site(behavior(policy={"Ref": "Own"}), origins=(URL_ORIGIN,), Own=policy(), **url_of("work"))
    played = visit(template, *(http("Site", at=f"{at_}s") for at_ in (0, 12, 15, 30)), script=script)
    assert [(each.status, each.body) for each in answers(played)] == [(200, "home")] * 4
    assert played.summary["distributions"]["Site"]["origin_by_status"] == {"200": 1, "500": 2}


def test_simultaneous_requests_for_one_object_ask_the_origin_once() -> None:
    web = {"/": {"body": "home", "latency": "2s"}}
    played = visit(own(), http("Site", repeat={"count": 5, "every": "100ms"}), web=web)
    assert sorted(map(str, results(played))) == ["Hit"] * 4 + ["Miss"]
    assert played.summary["distributions"]["Site"]["origin_requests"] == 1
    assert [each.result for each in played.of(EdgeCacheAsked)].count("waited") == 4


def test_an_object_of_a_function_at_the_origin_request_is_kept_and_another_way_made_none() -> None:
    made = {"status": "200", "headers": {"cache-control": [{"value": "max-age=60"}]}, "body": "made"}
    played = visit(
        site(behavior(policy={"Ref": "Own"}), events=(at("origin-request"), at("origin-response")), Own=policy()),
        http("Site"), http("Site", at="2s"), script=changing(lambda told: made),
    )  # fmt: skip
    assert results(played) == ["LambdaGeneratedResponse", "Hit"]
    assert played.summary["functions"]["us-east-1.work"]["invocations"] == 1


def test_a_head_request_is_served_from_what_a_get_has_left() -> None:
    played = visit(own(), http("Site"), http("Site", at="1s", method="HEAD"))
    first, second = answers(played)
    assert (second.status, second.body, header(second, "content-length")) == (200, "", "4")
    assert results(played) == ["Miss", "Hit"]
    assert first.body == "home"


def invalidate(*paths: str, at_: str = "5s", **more: Any) -> dict[str, Any]:
    batch = {"Paths": {"Quantity": more.pop("quantity", len(paths)), "Items": list(paths)}, "CallerReference": "1"}
    return call(at_, "cloudfront.create_invalidation", DistributionId=more.get("site", "Site"), InvalidationBatch=batch)


@pytest.mark.parametrize(
    ("paths", "gone"),
    [(["/a"], {"/a"}), (["/*"], {"/a", "/b", "/b?x=1"}), (["/b"], {"/b"}), (["/b*"], {"/b", "/b?x=1"}),
     (["/c"], set()), (["/*/a"], set())],
)  # fmt: skip
def test_an_invalidation_makes_the_cache_forget_what_its_paths_name(paths: list[str], gone: set[str]) -> None:
    asked = [("/a", ""), ("/b", ""), ("/b", "x=1")]
    first = [http("Site", path, query=query) for path, query in asked]
    again = [http("Site", path, query=query, at=f"{20 + n}s") for n, (path, query) in enumerate(asked)]
    web = {"/a": {"body": "a"}, "/b": {"body": "b"}}
    played = visit(own(queries="all"), *first, invalidate(*paths), *again, web=web)
    assert [word == "Miss" for word in results(played)[3:]] == [
        path + (f"?{query}" if query else "") in gone for path, query in asked
    ]
    (told,) = played.of(EdgeInvalidated)
    assert (told.paths, told.objects) == (tuple(paths), len(gone))
    assert played.summary["distributions"]["Site"]["invalidated"] == len(gone)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (invalidate("a"), "InvalidArgument"),
        (invalidate("/a", quantity=2), "InconsistentQuantities"),
        (invalidate("/a", site="ENOBODY"), "NoSuchDistribution"),
        (call("0s", "cloudfront.delete_distribution", Id="Site"), "NotSimulated"),
    ],
)
def test_an_invalidation_that_cannot_be_is_refused(step: dict[str, Any], code: str) -> None:
    played = visit(own(), step)
    (row,) = played.summary["calls"].values()
    assert row["errors"] == {code: 1}


def test_a_second_invalidation_with_the_same_reference_is_the_first() -> None:
    played = visit(own(), http("Site"), invalidate("/"), invalidate("/", at_="6s"), invalidate("/b", at_="7s"))
    assert len(played.of(EdgeInvalidated)) == 1
    assert played.summary["calls"]["cloudfront.create_invalidation"]["errors"] == {"InvalidArgument": 1}


URL_ORIGIN = {
    "Id": "front",
    "DomainName": {"Fn::Select": [2, {"Fn::Split": ["/", {"Fn::GetAtt": "Url.FunctionUrl"}]}]},
    "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
}


def url_of(function: str) -> dict[str, Any]:
    """A public function URL, ``Url``."""
    may = {"FunctionName": function, "Principal": "*"}
    through = may | {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"}
    also = may | {"Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True}
    return {
        "Url": {"Type": "AWS::Lambda::Url", "Properties": {"TargetFunctionArn": function, "AuthType": "NONE"}},
        "May": {"Type": "AWS::Lambda::Permission", "Properties": through},
        "Also": {"Type": "AWS::Lambda::Permission", "Properties": also},
    }
