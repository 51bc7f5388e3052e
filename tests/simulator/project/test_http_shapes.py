"""Whatever stands in the place of a property of what answers HTTP: a problem is told, nothing breaks."""

import contextlib
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import HttpAnswered
from tests.simulator.playing import CODE, as_files, play, steps
from tests.simulator.services.http import test_balancer as balancer
from tests.simulator.services.http import test_http_api as http_api
from tests.simulator.services.http import test_rest_api as rest_api
from tests.simulator.services.http.clients import http, says
from tests.simulator.services.http.test_function_url import CORS
from tests.simulator.services.http.test_function_url import project as function_url

URI = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Work.Arn}/invocations"
INTEGRATION = {"type": "aws_proxy", "httpMethod": "POST", "uri": {"Fn::Sub": URI}, "payloadFormatVersion": "2.0"}
GUARD = {"type": "token", "authorizerUri": {"Fn::Sub": URI}, "authorizerResultTtlInSeconds": 3}
BODY = {
    "openapi": "3.0.1",
    "paths": {"/a": {"get": {"security": [{"k": []}], "x-amazon-apigateway-integration": INTEGRATION}}},
    "components": {"securitySchemes": {"k": {"type": "apiKey", "name": "A", "x-amazon-apigateway-authorizer": GUARD}}},
}
ODD: list[Any] = [None, 5, "x", [], {}, [1], [[]], [{}], {"a": 1}, {"a": [1]}, True, -1, 1.5, "${x}", "{}"]
TEMPLATES = {
    "balancer": balancer.project(
        balancer.MULTI | {"HealthCheckEnabled": True, "Matcher": {"HttpCode": "200"}},
        One=balancer.rule(5, balancer.fixed("x"), balancer.PATH, balancer.HEADER),
        Two=balancer.rule(6, {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301"}}, balancer.QUERY),
    ),
    "rest": rest_api.plain(
        Own=rest_api.v1("RestApi", BinaryMediaTypes=["a/b"], EndpointConfiguration={"Types": ["REGIONAL"]}, Body=BODY),
        Key=rest_api.v1("ApiKey", Value="0" * 20),
        Plan=rest_api.v1("UsagePlan", ApiStages=[], Throttle={"RateLimit": 1}, Quota={"Limit": 1, "Period": "DAY"}),
    ),
    "http": http_api.plain(
        Own=http_api.v2("Api", Name="b", ProtocolType="HTTP", CorsConfiguration=CORS, Body=BODY),
        More=http_api.v2("Stage", ApiId={"Ref": "Api"}, StageName="b", RouteSettings={"x": {"ThrottlingRateLimit": 1}}),
    ),
    "url": function_url(Cors=CORS),
}
PLACES = {
    "balancer": ("Balancer", "/"),
    "rest": ("Stage", "/orders/7"),
    "http": ("Api", "/orders"),
    "url": ("Url", "/"),
}
OURS = ("AWS::ElasticLoadBalancingV2::", "AWS::ApiGateway", "AWS::Lambda::Url")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place inside a value."""
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from places(one, (*path, key))


def replaced(template: dict[str, Any], name: str, path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    made = copy.deepcopy(template)
    inside = made["Resources"][name]["Properties"]
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return made


@pytest.mark.parametrize("kind", TEMPLATES)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.differing_executors])
@given(data=st.data())
def test_an_odd_value_is_told_or_does_no_harm(kind: str, data: st.DataObject) -> None:
    template = json.loads(json.dumps(TEMPLATES[kind]))
    ours = [name for name, body in template["Resources"].items() if body["Type"].startswith(OURS)]
    name = data.draw(st.sampled_from(ours))
    path = data.draw(st.sampled_from(list(places(template["Resources"][name]["Properties"]))))
    made = replaced(template, name, path, data.draw(st.sampled_from(ODD)))
    made["Metadata"] = {"lambdalab": {"ignore": data.draw(st.sampled_from([[], list(made["Resources"])]))}}
    found = told(made)
    if all(problem.severity == "warning" for problem in found):
        to, where = PLACES[kind]
        with contextlib.suppress(ProjectError):  # the door that is asked for may have gone with what was ignored
            assert len(play(made, steps(http(to, where)), says()).of(HttpAnswered)) == 1


def told(template: dict[str, Any]) -> list[Problem]:
    try:
        return problems_of(read_template({**CODE, **as_files(template)}))
    except ProjectError as refused:
        return list(refused.problems)
