"""Projects with APIs, as SAM writes them."""

from typing import Any

import yaml


def function(name: str = "work", events: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {"FunctionName": name, "CodeUri": "src/", "Handler": "app.handler"}
    properties |= {"Runtime": "python3.13", "Timeout": 60, **more}
    return {"Type": "AWS::Serverless::Function", "Properties": properties | ({"Events": events} if events else {})}


def sam(**resources: Any) -> str:
    return yaml.safe_dump({"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}, sort_keys=False)


def api(kind: str, routes: dict[str, Any], **properties: Any) -> str:
    """An API ``Web`` of SAM's type ``HttpApi`` or ``Api``. ``routes``: ``GET /orders/{id}`` to more settings."""
    where = {"ApiId" if kind == "HttpApi" else "RestApiId": {"Ref": "Web"}}
    functions = properties.pop("functions", {})
    work = properties.pop("work", {})
    events = {}
    for number, (route, more) in enumerate(routes.items()):
        method, _, path = route.partition(" ")
        named = {"Path": path, "Method": method} if path else {}
        events[f"R{number}"] = {"Type": kind, "Properties": {**where, **named, **more}}
    web = {"Type": f"AWS::Serverless::{kind}", "Properties": properties} if properties else {}
    web = web or {"Type": f"AWS::Serverless::{kind}"}
    return sam(Web=web, Work=function(events=events, **work), **functions)
