"""What API Gateway says when a request's line and headers are too large. Limit: its quotas; answer: A-160."""

from __future__ import annotations

from lambdalab.simulator.services.http.messages import HttpRequest, HttpResponse, json_answer
from lambdalab.simulator.vocabulary import quotas


def too_large(request: HttpRequest) -> HttpResponse | None:
    """The refusal of a request whose line and values of headers are too large together; None when they are not."""
    size = request.line_bytes + sum(len(value.encode("utf-8", "replace")) for _, value in request.headers)
    if size <= quotas.API_HEAD_BYTES:
        return None
    text = f"HTTP header is larger than {quotas.API_HEAD_BYTES} bytes."
    return json_answer(431, {"message": text}, f"the request's line and headers have {size:,} bytes")
