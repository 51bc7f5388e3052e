"""CloudFront's own API, as far as a run needs it: invalidations, and what a distribution is.

Source: BC cloudfront CreateInvalidation, GetInvalidation, ListInvalidations, GetDistribution; Amazon CloudFront
Developer Guide, "Invalidate files to remove content", read 2026-11-29.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.http.cloudfront.distribution import Distribution, distribution_arn
from lambdalab.simulator.trace.facts import EdgeInvalidated
from lambdalab.simulator.vocabulary import ids, quotas
from lambdalab.simulator.vocabulary.assumptions.edge import INVALIDATION_TIME
from lambdalab.simulator.vocabulary.errors import AwsError

KEPT_MAX = 1_000  # ours: invalidations that are remembered


@dataclass(slots=True)
class Invalidation:
    """One invalidation of a distribution."""

    id: str
    paths: tuple[str, ...]
    reference: str
    made_at: dt.datetime
    done: bool = False

    def shown(self) -> dict[str, Any]:
        """As the API shows it."""
        paths = {"Quantity": len(self.paths), "Items": list(self.paths)}
        return {
            "Id": self.id,
            "Status": "Completed" if self.done else "InProgress",
            "CreateTime": self.made_at,
            "InvalidationBatch": {"Paths": paths, "CallerReference": self.reference},
        }


class CloudFrontService:
    """The distributions of the account, by id."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.distributions: dict[str, Distribution] = {}
        self._invalidations: dict[str, list[Invalidation]] = {}
        self._operations: Mapping[str, Callable[[Distribution, Mapping[str, Any]], Answer | AwsError]] = {
            "CreateInvalidation": self._create,
            "GetInvalidation": self._get,
            "ListInvalidations": self._list,
            "GetDistribution": self._describe,
        }
        world.api.register("cloudfront", self)

    def add(self, distribution: Distribution) -> None:
        """A distribution of the template."""
        self.distributions[distribution.id] = distribution

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The distribution."""
        id_ = str(params.get("DistributionId") or params.get("Id") or "*")
        known = self.distributions.get(id_)
        return distribution_arn(id_), known.shown_as if known else id_

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()  # a generator, like every service
        operation = self._operations.get(request.operation)
        if operation is None:
            return unsupported(request)
        name = "Id" if request.operation == "GetDistribution" else "DistributionId"
        distribution = self.distributions.get(request.params[name])
        if distribution is None:
            return AwsError("NoSuchDistribution", "The specified distribution does not exist.", 404)
        return operation(distribution, request.params)

    def _create(self, distribution: Distribution, params: Mapping[str, Any]) -> Answer | AwsError:
        batch = params["InvalidationBatch"]
        paths, reference = tuple(map(str, batch["Paths"].get("Items") or ())), str(batch["CallerReference"])
        refusal = _refused(paths, batch["Paths"]["Quantity"])
        if refusal is not None:
            return refusal
        made = self._invalidations.setdefault(distribution.id, [])
        known = next((each for each in made if each.reference == reference), None)
        if known is not None and known.paths != paths:
            text = "Your request contains a caller reference that was used for a previous invalidation batch."
            return AwsError("InvalidArgument", text, 400)
        if known is None:
            drawn = self._world.kernel.random_for("ids/invalidation")
            known = Invalidation(f"I{ids.hex_from(drawn, 13).upper()}", paths, reference, self._world.wall_clock())
            made.append(known)
            del made[:-KEPT_MAX]
            self._world.kernel.spawn(self._carried_out(distribution, known))
        where = f"https://cloudfront.amazonaws.com/2020-05-31/distribution/{distribution.id}/invalidation/{known.id}"
        return Answer({"Location": where, "Invalidation": known.shown()}, 201)

    def _carried_out(self, distribution: Distribution, invalidation: Invalidation) -> Process[None]:
        """It takes a while to reach the edge location (assumption A-134)."""
        yield from self._world.kernel.sleep(INVALIDATION_TIME)
        gone = distribution.cache.invalidate(invalidation.paths)
        invalidation.done = True
        self._world.trace.record(EdgeInvalidated(distribution.shown_as, invalidation.paths[:100], gone))

    def _get(self, distribution: Distribution, params: Mapping[str, Any]) -> Answer | AwsError:
        made = self._invalidations.get(distribution.id, [])
        found = next((each for each in made if each.id == params["Id"]), None)
        if found is None:
            return AwsError("NoSuchInvalidation", "The specified invalidation does not exist.", 404)
        return Answer({"Invalidation": found.shown()})

    def _list(self, distribution: Distribution, params: Mapping[str, Any]) -> Answer | AwsError:
        """The newest first, in one page."""
        made = self._invalidations.get(distribution.id, [])[::-1]
        items = [{name: each.shown()[name] for name in ("Id", "CreateTime", "Status")} for each in made]
        listed = {"Marker": "", "MaxItems": len(items), "IsTruncated": False, "Quantity": len(items), "Items": items}
        return Answer({"InvalidationList": listed})

    def _describe(self, distribution: Distribution, params: Mapping[str, Any]) -> Answer | AwsError:
        """What can be said without the whole configuration, which stands in the template."""
        waiting = sum(not each.done for each in self._invalidations.get(distribution.id, []))
        shown = {
            "Id": distribution.id,
            "ARN": distribution.arn,
            "Status": "Deployed",
            "LastModifiedTime": distribution.made_at,
            "InProgressInvalidationBatches": waiting,
            "DomainName": distribution.host,
        }
        return Answer({"Distribution": shown})


def _refused(paths: tuple[str, ...], quantity: int) -> AwsError | None:
    if quantity != len(paths):
        text = f"The value of Quantity ({quantity}) and the number of Items ({len(paths)}) differ."
        return AwsError("InconsistentQuantities", text, 400)
    wrong = next((path for path in paths if _is_wrong(path)), None)
    if not paths or wrong is not None:
        text = "Your request contains one or more invalid invalidation paths."
        return AwsError("InvalidArgument", text, 400)
    return None


def _is_wrong(path: str) -> bool:
    return not path.startswith("/") or len(path) > quotas.INVALIDATION_PATH_CHARACTERS or "~" in path
