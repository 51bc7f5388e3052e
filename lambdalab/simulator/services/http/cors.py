"""CORS as function URLs and HTTP APIs do it for a function: preflights it never sees, headers it need not write.

Source: AWS Lambda Developer Guide, "Cross-origin resource sharing (CORS)" of function URLs; Amazon API Gateway
Developer Guide, "Configure CORS for HTTP APIs". Whose header wins where both write one is assumption A-104.
"""

from __future__ import annotations

from dataclasses import dataclass

from lambdalab.simulator.account.iam.wildcards import like
from lambdalab.simulator.services.http.messages import HttpRequest, HttpResponse


@dataclass(frozen=True, slots=True)
class Cors:
    """A CORS configuration. ``max_age_s`` None: browsers decide."""

    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    expose: tuple[str, ...] = ()
    credentials: bool = False
    max_age_s: int | None = None

    def preflight(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a preflight; None for any other request. The function does not run."""
        if request.method != "OPTIONS" or not request.header("access-control-request-method"):
            return None
        answer = HttpResponse(204, (), b"", "a preflight is answered by the CORS configuration; no function runs")
        granted = self.granted(request)
        if not granted:
            return answer
        more = {
            "access-control-allow-methods": ",".join(self.methods),
            "access-control-allow-headers": ",".join(self.headers),
            "access-control-max-age": "" if self.max_age_s is None else str(self.max_age_s),
        }
        return answer.with_headers(granted | {name: value for name, value in more.items() if value})

    def granted(self, request: HttpRequest) -> dict[str, str]:
        """The headers that let the request's origin read an answer; none for an origin that is not allowed."""
        origin = request.header("origin")
        if not origin or not any(like(pattern, origin, ignore_case=True) for pattern in self.origins):
            return {}
        found = {"access-control-allow-origin": "*" if self.origins == ("*",) and not self.credentials else origin}
        if found["access-control-allow-origin"] != "*":
            found["vary"] = "Origin"
        if self.credentials:
            found["access-control-allow-credentials"] = "true"
        if self.expose:
            found["access-control-expose-headers"] = ",".join(self.expose)
        return found
