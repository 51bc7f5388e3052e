"""Create, Get, Update, List and DeleteFunctionUrlConfig. Source: BC; the text of a second URL: fact X.3 (LS)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.lambda_.control.operations import Operation
from lambdalab.simulator.lambda_.control.pages import page
from lambdalab.simulator.lambda_.function import LATEST
from lambdalab.simulator.lambda_.registry import Registered, not_found
from lambdalab.simulator.services.http.cors import Cors
from lambdalab.simulator.services.http.doors import Doors
from lambdalab.simulator.services.http.function_url import FunctionUrl
from lambdalab.simulator.vocabulary.arns import REGION, function_arn
from lambdalab.simulator.vocabulary.errors import AwsError, conflict, invalid
from lambdalab.simulator.vocabulary.ids import characters_of

SUFFIX = f".lambda-url.{REGION}.on.aws"


def url_host(name: str) -> str:
    """The host of a function URL, made from a name: on AWS 32 letters and digits are drawn."""
    return characters_of(name, 32) + SUFFIX


class UrlApi:
    """The URLs of functions and aliases, each of which has at most one."""

    def __init__(self, world: World, doors: Doors) -> None:
        self._world = world
        self._doors = doors
        self._urls: dict[tuple[str, str | None], FunctionUrl] = {}
        self._made: dict[str, str] = {}  # when, by host
        self.operations: Mapping[str, Operation] = {
            "CreateFunctionUrlConfig": self._create,
            "GetFunctionUrlConfig": self._get,
            "UpdateFunctionUrlConfig": self._update,
            "ListFunctionUrlConfigs": self._list,
            "DeleteFunctionUrlConfig": self._delete,
        }

    def add(self, url: FunctionUrl, *names: str, told: str) -> None:
        """Open a URL; a scenario may call it by ``names``."""
        self._urls[url.function, url.qualifier] = url
        self._made[url.host] = self._world.timestamp()
        self._doors.add(url, *names, told=told)

    def _create(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        wrong = _refused(registered, qualifier, params)
        if wrong is not None:
            return wrong
        arn = function_arn(registered.name, qualifier)
        if (registered.name, qualifier) in self._urls:
            return conflict(
                f"Failed to create function url config for [functionArn = {arn}]. Error message:  FunctionUrlConfig "
                "exists for this Lambda function"
            )
        shown = registered.name + (f":{qualifier}" if qualifier else "")
        url = FunctionUrl(self._world, shown, url_host(arn), registered.name, qualifier, params["AuthType"])
        url.cors = cors_of(params["Cors"]) if params.get("Cors") else None
        self.add(url, told=f"it leads to {shown}")
        return Answer(self._shown(url), 201)

    def _get(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        url = self._urls.get((registered.name, qualifier))
        return _missing() if url is None else Answer(self._shown(url))

    def _update(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        url = self._urls.get((registered.name, qualifier))
        wrong = _missing() if url is None else _refused(registered, qualifier, params)
        if wrong is not None or url is None:
            return wrong or _missing()
        url.auth_type = params.get("AuthType", url.auth_type)
        if params.get("Cors") is not None:
            url.cors = cors_of(params["Cors"])
        return Answer(self._shown(url))

    def _list(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        own = [self._shown(url) for (name, _), url in self._urls.items() if name == registered.name]
        return page("FunctionUrlConfigs", own, params)

    def _delete(self, registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> Answer | AwsError:
        url = self._urls.pop((registered.name, qualifier), None)
        if url is None:
            return _missing()
        self._doors.remove(url)
        return Answer(status=204)

    def _shown(self, url: FunctionUrl) -> dict[str, Any]:
        return {
            "FunctionUrl": f"https://{url.host}/",
            "FunctionArn": url.arn,
            "AuthType": url.auth_type,
            "CreationTime": self._made[url.host],
            "LastModifiedTime": self._world.timestamp(),
            "InvokeMode": "BUFFERED",
            **({"Cors": _cors_shown(url.cors)} if url.cors else {}),
        }


def cors_of(given: Mapping[str, Any]) -> Cors:
    """A CORS configuration in the words that function URLs and HTTP APIs share."""
    age = given.get("MaxAge")
    return Cors(
        texts(given.get("AllowOrigins")),
        texts(given.get("AllowMethods")),
        texts(given.get("AllowHeaders")),
        texts(given.get("ExposeHeaders")),
        given.get("AllowCredentials") is True,
        None if age is None else int(age),
    )


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts; one text is a list of one."""
    listed = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(str(each) for each in listed)


def _cors_shown(cors: Cors) -> dict[str, Any]:
    found = {
        "AllowCredentials": cors.credentials,
        "AllowHeaders": list(cors.headers),
        "AllowMethods": list(cors.methods),
        "AllowOrigins": list(cors.origins),
        "ExposeHeaders": list(cors.expose),
        "MaxAge": cors.max_age_s,
    }
    return {name: value for name, value in found.items() if value not in (None, [])}


def _refused(registered: Registered, qualifier: str | None, params: Mapping[str, Any]) -> AwsError | None:
    """A URL leads to the function or to an alias; it streams nothing here."""
    if qualifier is not None and qualifier != LATEST and qualifier not in registered.aliases:
        return not_found(registered.name, qualifier)
    if params.get("InvokeMode", "BUFFERED") != "BUFFERED":
        text = "lambdalab simulates no function URLs that stream their response, so nothing happened."
        return AwsError("NotSimulated", text, 501)
    if params.get("AuthType", "NONE") not in ("NONE", "AWS_IAM"):
        return invalid(f"AuthType is NONE or AWS_IAM, not {params['AuthType']}.")
    return None


def _missing() -> AwsError:
    text = "The resource you requested does not exist."
    return AwsError("ResourceNotFoundException", text, 404, {"Type": "User"})
