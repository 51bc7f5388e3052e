"""What a function must return, and what a client gets of it: payload formats 1.0 and 2.0, and a load balancer's.

Each reader returns the answer, or half a sentence that says what is wrong with the function's. Sources: Amazon API
Gateway Developer Guide, "Output format of a Lambda function for proxy integration" and "Create AWS Lambda proxy
integrations for HTTP APIs"; Elastic Load Balancing, "Use Lambda functions as targets of an Application Load Balancer";
facts 13, F.5 and F.6. What they leave open is assumption A-102.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lambdalab.simulator.services.http.messages import JSON, HttpResponse, from_base64, is_token
from lambdalab.simulator.vocabulary.events.arrivals import Pairs

SHOWN = 60  # characters of a wrong value


def format_2(value: Any, default_type: str) -> HttpResponse | str:
    """Payload format 2.0. Without a statusCode the value itself is the body of a 200."""
    if not isinstance(value, dict) or "statusCode" not in value:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return HttpResponse(200, (("content-type", JSON),), text.encode())
    cookies = value.get("cookies") or []
    if not isinstance(cookies, list) or not all(isinstance(cookie, str) for cookie in cookies):
        return f"cookies in the function's answer is no list of texts but {_shown(cookies)}"
    answer = _structured(value, _single(value), default_type, lenient=True)
    if isinstance(answer, str):
        return answer
    more = tuple(("set-cookie", cookie) for cookie in cookies)
    return HttpResponse(answer.status, (*answer.headers, *more), answer.body)


def format_1(value: Any, default_type: str) -> HttpResponse | str:
    """Payload format 1.0: headers with one value each, multiValueHeaders with lists, or both together."""
    if not isinstance(value, dict):
        return f"the function's answer is no object with a statusCode but {_shown(value)}"
    single, multiple = _single(value), _multiple(value)
    if isinstance(single, str):
        return single
    if isinstance(multiple, str):
        return multiple
    names = {name.lower() for name, _ in multiple}
    headers = tuple((name, text) for name, text in single if name.lower() not in names) + multiple
    return _structured(value, headers, default_type, lenient=True)


def balanced(value: Any, *, multi: bool) -> HttpResponse | str:
    """What a load balancer takes. With multi-value headers it reads multiValueHeaders only, else only headers. Fact 14

    It is stricter than API Gateway: values of headers are texts, and what it reads must not be null (both as users of
    it report).
    """
    if not isinstance(value, dict):
        return f"the function's answer is no object with a statusCode but {_shown(value)}"
    read, other = ("multiValueHeaders", "headers") if multi else ("headers", "multiValueHeaders")
    if read in value and value[read] is None:
        return f"{read} in the function's answer is null"
    given = value.get(read)
    several = given.values() if isinstance(given, dict) else ()
    values = (one for each in several for one in (each if multi and isinstance(each, list) else [each]))
    if not all(isinstance(one, str | list) for one in values):
        return f"{read} in the function's answer has a value that is no text"
    headers = _multiple(value) if multi else _single(value)
    answer = _structured(value, headers, "application/octet-stream", lenient=False)
    if isinstance(answer, str) or not value.get(other):
        return answer
    why = f"the target group has multi-value headers {'on' if multi else 'off'}, so {other} in the answer is not read"
    return replace(answer, why=why)


def _structured(
    value: Mapping[str, Any], headers: Pairs | str, default_type: str, *, lenient: bool
) -> HttpResponse | str:
    """``lenient``: API Gateway also takes a number written as a text for the status (AWS's own blueprints do so)."""
    if isinstance(headers, str):
        return headers
    status = _status(value.get("statusCode"), lenient=lenient)
    if status is None:
        if "statusCode" not in value:
            return "the function's answer has no statusCode"
        return (
            f"statusCode in the function's answer is no whole number from 100 to 599 but {_shown(value['statusCode'])}"
        )
    body = value.get("body")
    if body is not None and not isinstance(body, str):
        return f"body in the function's answer is no text but {_shown(body)}; wrap it in json.dumps"
    content = (body or "").encode()
    if value.get("isBase64Encoded") is True:
        decoded = from_base64(body or "")
        if decoded is None:
            return "isBase64Encoded is true in the function's answer, and its body is no base64"
        content = decoded
    if not any(name.lower() == "content-type" for name, _ in headers) and content:
        headers = (*headers, ("content-type", default_type))
    return HttpResponse(status, headers, content)


def _status(given: Any, *, lenient: bool) -> int | None:
    if isinstance(given, bool):
        return None
    if lenient and isinstance(given, str) and given.isdecimal() and len(given) == 3:
        given = int(given)
    if lenient and isinstance(given, float) and given.is_integer():
        given = int(given)
    return given if isinstance(given, int) and 100 <= given <= 599 else None


def _single(value: Mapping[str, Any]) -> Pairs | str:
    headers = value.get("headers")
    if headers is None:
        return ()
    if not isinstance(headers, dict):
        return f"headers in the function's answer is no object but {_shown(headers)}"
    return _texts(headers.items())


def _multiple(value: Mapping[str, Any]) -> Pairs | str:
    headers = value.get("multiValueHeaders")
    if headers is None:
        return ()
    if not isinstance(headers, dict) or not all(isinstance(values, list) for values in headers.values()):
        return "multiValueHeaders in the function's answer is no object of lists"
    return _texts((name, one) for name, values in headers.items() for one in values)


def _texts(pairs: Any) -> Pairs | str:
    found = list(_written(pairs))
    wrong = next((name for name, text in found if text is None), None)
    if wrong is not None:
        return f"the header {wrong[:SHOWN]!r} in the function's answer has a name or value that is no text"
    return tuple((name, text) for name, text in found if text is not None)


def _written(pairs: Any) -> Iterator[tuple[str, str | None]]:
    """Values as texts; None for what cannot stand in a header."""
    for name, value in pairs:
        scalar = isinstance(value, str | int | float)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        fits = scalar and is_token(str(name)) and not any(sign in text for sign in "\r\n\0")
        yield str(name), text if fits else None


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
