"""An API's definition in OpenAPI with AWS's extensions: what SAM makes of Events, and what authors write as Body.

Source: Amazon API Gateway Developer Guide, "OpenAPI extensions for API Gateway", as far as proxy integrations go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lambdalab.simulator.kernel import MILLISECOND, Micros
from lambdalab.simulator.project.http_names import short_id
from lambdalab.simulator.project.problems import Severity
from lambdalab.simulator.project.resources.http.common import is_function
from lambdalab.simulator.project.resources.http.findings import Finding, mapping
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.http.api.model import DEFAULT_ROUTE, Authorizer, Endpoint, Integration, Mock
from lambdalab.simulator.vocabulary import quotas

Kind = Literal["http", "rest"]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY")
ANY = "x-amazon-apigateway-any-method"
INTEGRATION, AUTHORIZER = "x-amazon-apigateway-integration", "x-amazon-apigateway-authorizer"
CALLER = "arn:aws:iam::*:user/*"
TOP = {
    "openapi", "swagger", "info", "paths", "components", "securityDefinitions", "security", "tags", "basePath",
    "schemes", "host", "servers", "x-amazon-apigateway-cors", "x-amazon-apigateway-binary-media-types",
    "x-amazon-apigateway-importexport-version",
}  # fmt: skip
OPERATION = {
    "responses", "security", INTEGRATION, "parameters", "summary", "description", "operationId", "tags", "consumes",
    "produces", "isDefaultRoute",
}  # fmt: skip
INTEGRATED = {
    "type", "uri", "httpMethod", "payloadFormatVersion", "timeoutInMillis", "credentials", "passthroughBehavior",
    "requestTemplates", "responses", "connectionType", "contentHandling", "integrationMethod",
}  # fmt: skip
_URI = re.compile(r"arn:aws[\w-]*:apigateway:[\w-]+:lambda:path/2015-03-31/functions/(?P<function>.+)/invocations")
_HEADER = "method.response.header."


def function_of(uri: Any) -> str | None:
    """The function in an integration's URI, which may also be a function's ARN; None where there is none."""
    if not isinstance(uri, str):
        return None
    match = _URI.fullmatch(uri)
    return match["function"] if match else uri if uri.startswith("arn:aws:lambda:") else None


@dataclass(slots=True)
class Definition:
    """Reads one Body. ``endpoints`` and ``authorizers`` are what could be read, ``findings`` what is wrong."""

    template: Template
    resource: Resource
    kind: Kind
    endpoints: list[Endpoint] = field(default_factory=list)
    authorizers: dict[str, Authorizer | Literal["IAM", "KEY"]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def read(self, body: Any) -> Definition:
        """Read the whole document."""
        if not isinstance(body, dict):
            self.note("Body must be an OpenAPI document.", ())
            return self
        for key in body:
            if key not in TOP:
                self._unsupported(f"{key} in an API's definition", (key,))
        schemes = mapping(mapping(body.get("components")).get("securitySchemes"))
        for name, scheme in {**schemes, **mapping(body.get("securityDefinitions"))}.items():
            self._scheme(str(name), mapping(scheme))
        paths = mapping(body.get("paths"))
        for path, operations in paths.items():
            for method, operation in mapping(operations).items():
                self._operation(str(path), str(method), mapping(operation), body.get("security"))
        return self

    def note(self, text: str, path: tuple[str | int, ...], fix: str = "", severity: Severity = "error") -> None:
        """Note what is wrong at ``path`` inside the document."""
        self.findings.append(Finding(self.resource, "Body", text, fix, severity, path))

    def _unsupported(self, what: str, path: tuple[str | int, ...]) -> None:
        fix = f"Remove it, or list {self.resource.logical_id} under Metadata: lambdalab: ignore:."
        self.note(f"{what} has no effect in lambdalab yet.", path, fix, "unsupported")

    def _scheme(self, name: str, scheme: Mapping[str, Any]) -> None:
        path = ("components", "securitySchemes", name)
        if scheme.get("x-amazon-apigateway-authtype") == "awsSigv4":
            self.authorizers[name] = "IAM"
        elif AUTHORIZER in scheme:
            made = self._authorizer(name, scheme, mapping(scheme[AUTHORIZER]), path)
            if made is not None:
                self.authorizers[name] = made
        elif scheme.get("type") == "apiKey" and str(scheme.get("name", "")).lower() == "x-api-key":
            self.authorizers[name] = "KEY"
        else:
            self._unsupported(f"the security scheme {name}", path)

    def _authorizer(
        self, name: str, scheme: Mapping[str, Any], given: Mapping[str, Any], path: tuple[str, ...]
    ) -> Authorizer | None:
        kind = str(given.get("type", "")).lower()
        if kind not in ("request", "token") or (kind == "token" and self.kind == "http"):
            self._unsupported(f"an authorizer of the type {kind or 'jwt'}", path)
            return None
        for key in ("identityValidationExpression", "authorizerCredentials"):
            if given.get(key) is not None:
                self._unsupported(f"{key} of the authorizer {name}", path)
        function = function_of(given.get("authorizerUri"))
        self.check_function(function, f"the authorizer {name}", (*path, AUTHORIZER))
        source = given.get("identitySource", "")
        if kind == "token":
            source = f"method.request.header.{scheme.get('name', 'Authorization')}"
        ttl = given.get("authorizerResultTtlInSeconds", quotas.AUTHORIZER_TTL_S_DEFAULT if self.kind == "rest" else 0)
        version = str(given.get("authorizerPayloadFormatVersion", "1.0"))
        wrong = wrong_authorizer(ttl, source, version)
        if wrong:
            self.note(f"the authorizer {name}: {wrong}", path)
            return None
        return Authorizer(
            short_id(f"{self.resource.logical_id}/{name}"),
            name,
            "TOKEN" if kind == "token" else "REQUEST",
            function or "",
            tuple(sources_of(source)),
            int(ttl),
            "2.0" if version == "2.0" else "1.0",
            given.get("enableSimpleResponses") is True,
        )

    def check_function(self, function: str | None, what: str, path: tuple[str | int, ...]) -> None:
        """Whether a URI leads to a function of this template. Stage variables are known only in a run."""
        if function is not None and ("${stageVariables." in function or is_function(self.template, function)):
            return
        uri = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${MyFunction.Arn}/invocations"
        fix = f"Write !Sub {uri}."
        self.note(f"{what} leads to no function of this template.", path, fix)

    def _operation(self, path: str, method: str, operation: Mapping[str, Any], usual: Any) -> None:
        place = ("paths", path, method)
        verb = "ANY" if method == ANY else method.upper()
        if verb not in METHODS:
            return self._unsupported(f"{method} of {path}", place)
        route = DEFAULT_ROUTE if path in (DEFAULT_ROUTE, f"/{DEFAULT_ROUTE}") else path
        if wrong_path(route):
            return self.note(wrong_path(route), place)
        for key in operation:
            if key not in OPERATION:
                self._unsupported(f"{key} of {verb} {path}", (*place, key))
        given = mapping(operation.get(INTEGRATION))
        integration = self._integration(f"{verb} {route}", given, (*place, INTEGRATION))
        if integration is None:
            return None
        authorizer: Authorizer | None = None
        iam, keyed = False, False
        for name in _secured(operation.get("security", usual)):
            found = self.authorizers.get(name)
            if found is None and name != "NONE":
                self.note(f"{verb} {path} wants {name}, and there is no such security scheme.", place)
            authorizer = found if isinstance(found, Authorizer) else authorizer
            iam, keyed = iam or found == "IAM", keyed or found == "KEY"
        self.endpoints.append(Endpoint(verb, route, integration, authorizer, iam, keyed))
        return None

    def _integration(self, what: str, given: Mapping[str, Any], path: tuple[str | int, ...]) -> Integration | None:
        kind = str(given.get("type", "")).lower()
        if self.kind == "rest" and kind == "mock":
            return Integration("", Micros(0), mock=mock_of(given))
        if kind != "aws_proxy":
            self._unsupported(f"the integration of {what} ({kind or 'none'}; proxy integrations only)", path)
            return None
        for key in given:
            if key not in INTEGRATED:
                self._unsupported(f"{key} of the integration of {what}", (*path, key))
        credentials = given.get("credentials")
        if credentials not in (None, CALLER):
            self._unsupported(f"credentials of the integration of {what}", (*path, "credentials"))
        function = function_of(given.get("uri"))
        self.check_function(function, what, (*path, "uri"))
        if str(given.get("httpMethod", "POST")).upper() != "POST":
            self.note(f"{what}: functions are invoked with POST, not {given['httpMethod']}.", (*path, "httpMethod"))
        version = str(given.get("payloadFormatVersion", "1.0"))
        return self.integration(
            what, function or "", version, given.get("timeoutInMillis"), credentials == CALLER, path
        )

    def integration(
        self, what: str, function: str, version: str, timeout: Any, as_caller: bool, path: tuple[str | int, ...]
    ) -> Integration:
        """An integration of these parts; what is wrong with them is noted."""
        least, most = (
            (quotas.REST_API_TIMEOUT_MS_MIN, quotas.REST_API_TIMEOUT_MS_MAX)
            if self.kind == "rest"
            else (quotas.HTTP_API_TIMEOUT_MS_MIN, quotas.HTTP_API_TIMEOUT_MS_MAX)
        )
        limit = most if timeout is None else timeout
        if not isinstance(limit, int) or isinstance(limit, bool) or not least <= limit <= most:
            self.note(f"{what}: the timeout must be from {least} to {most} ms, not {timeout!r}.", path)
            limit = most
        if version not in ("1.0", "2.0"):
            self.note(f"{what}: the payload format is 1.0 or 2.0, not {version}.", path)
        format_: Literal["1.0", "2.0"] = "2.0" if version == "2.0" else "1.0"
        return Integration(function, Micros(limit * MILLISECOND), format_, as_caller)


def wrong_authorizer(ttl: Any, source: Any, version: str) -> str | None:
    """What is wrong with these parts of an authorizer, in a sentence."""
    if not isinstance(ttl, int) or isinstance(ttl, bool) or not 0 <= ttl <= quotas.AUTHORIZER_TTL_S_MAX:
        return f"its TTL is a number of seconds from 0 to {quotas.AUTHORIZER_TTL_S_MAX}, not {ttl!r}."
    if version not in ("1.0", "2.0"):
        return f"its payload format is 1.0 or 2.0, not {version}."
    unknown = [text for text, source in _sources(source) if source is None]
    if unknown:
        return f"{unknown[0]} is no identity source, like $request.header.Authorization."
    return None


def sources_of(given: Any) -> Iterator[str]:
    """Identity sources in one spelling, those of HTTP APIs and of REST APIs alike."""
    yield from (source for _, source in _sources(given) if source is not None)


_SOURCE = re.compile(r"(?:\$|method\.)?(?:request\.)?(header|querystring|stageVariables|context)\.([\w.-]+)")


def _sources(given: Any) -> Iterator[tuple[str, str | None]]:
    listed = given if isinstance(given, list) else str(given or "").split(",")
    for text in (str(one).strip() for one in listed):
        if text:
            match = _SOURCE.fullmatch(text)
            yield text, f"{match[1]}.{match[2]}" if match else None


def _secured(security: Any) -> Iterator[str]:
    """The names of the security schemes that an operation wants."""
    for each in security if isinstance(security, list) else ():
        yield from (str(name) for name in mapping(each))


def wrong_path(path: str) -> str:
    """What is wrong with a route's path, in a sentence; an empty text where nothing is."""
    if path == DEFAULT_ROUTE:
        return ""
    if not path.startswith("/"):
        return f"the path {path} must begin with a slash."
    segments = path.split("/")[1:]
    if any(segment.endswith("+}") for segment in segments[:-1]):
        return f"a greedy variable like {{proxy+}} stands at the end of a path, not inside {path}."
    if any(("{" in one or "}" in one) and not re.fullmatch(r"\{[\w.:-]+\+?\}", one) for one in segments):
        return f"a variable is a whole part of a path, like {{id}}; in {path} one is not."
    return ""


def mock_of(given: Mapping[str, Any]) -> Mock:
    """A mock integration's default answer, as SAM writes one for CORS: a status, and headers in single quotes."""
    answer = mapping(mapping(given.get("responses")).get("default"))
    headers = {
        name.removeprefix(_HEADER): str(value)[1:-1]
        for name, value in mapping(answer.get("responseParameters")).items()
        if name.startswith(_HEADER) and re.fullmatch(r"'[^\r\n]*'", str(value))
    }
    status = str(answer.get("statusCode", "200"))
    body = str(mapping(answer.get("responseTemplates")).get("application/json", "")).strip()
    return Mock(
        int(status) if re.fullmatch(r"[1-5]\d\d", status) else 200, {"Content-Type": "application/json"} | headers, body
    )
