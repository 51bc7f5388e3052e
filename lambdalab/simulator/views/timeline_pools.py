"""What the timeline draws of user pools: the functions that Cognito asks, and what becomes of users."""

from __future__ import annotations

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.views.drawing import Neighbours
from lambdalab.simulator.views.fold import Take

PATIENCE_US = 5 * SECOND  # how long Cognito waits for an answer: fact F.8
WORDS = {"signed_up": "signs up", "confirmed": "is confirmed", "deleted": "is deleted"}


class PoolItems:
    """Draws one lane a user pool, which is there from the first user."""

    def __init__(self, place: Neighbours) -> None:
        self._place = place
        self._shown: dict[str, str] = {}
        self.takes: dict[type, Take] = {
            f.UserPoolDeployed: self._deployed,
            f.PoolTriggerCalled: self._called,
            f.PoolUserChanged: self._changed,
            f.PoolMessageSent: self._sent,
            f.PoolUserSignedIn: self._signed_in,
        }

    def _deployed(self, at: int, fact: f.UserPoolDeployed) -> None:
        self._shown[fact.pool] = fact.shown_as

    def _lane(self, pool: str) -> str:
        return self._place.lane("pool", self._shown.get(pool, pool), "User pool")

    def _called(self, at: int, fact: f.PoolTriggerCalled) -> None:
        lane, what = self._lane(fact.pool), f"{fact.trigger} for {fact.user}"
        attempt = fact.attempt if fact.attempt > 1 else None
        if fact.late:
            begun = max(0, at - PATIENCE_US)
            self._place.span("timeout", lane, begun, at, what, fact, message="no answer within 5 s", attempt=attempt)
        elif fact.error:
            self._place.moment("err", lane, at, what, fact, message=fact.error[:80], attempt=attempt)
        else:
            self._place.moment("ok", lane, at, what, fact, attempt=attempt)

    def _changed(self, at: int, fact: f.PoolUserChanged) -> None:
        self._place.moment("come", self._lane(fact.pool), at, f"{fact.user} {WORDS.get(fact.what, fact.what)}", fact)

    def _sent(self, at: int, fact: f.PoolMessageSent) -> None:
        self._place.moment("dest", self._lane(fact.pool), at, f"message to {fact.user}", fact)

    def _signed_in(self, at: int, fact: f.PoolUserSignedIn) -> None:
        self._place.moment("come", self._lane(fact.pool), at, f"{fact.user} signs in", fact)
