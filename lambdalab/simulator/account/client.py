"""An AWS SDK outside the account that tries again by itself: what stands between a caller and the front door.

Source: botocore 1.44.8, ``retries/standard.py``, the mode ``standard``; its lists of errors are used as they are. Code
in a function has the real botocore and needs none of this.
"""

from __future__ import annotations

from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from lambdalab.simulator.account.api import Answer, Request
from lambdalab.simulator.account.world import World
from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.trace.facts import CallRetried
from lambdalab.simulator.vocabulary.errors import AwsError

THROTTLING = frozenset(ThrottledRetryableChecker._THROTTLED_ERROR_CODES)
PASSING = frozenset(TransientRetryableChecker._TRANSIENT_ERROR_CODES)
PASSING_STATUSES = frozenset(TransientRetryableChecker._TRANSIENT_STATUS_CODES)
WAIT_S_MAX = 20.0
WAIT_S_THROTTLED, WAIT_S_PASSING, WAIT_S_DYNAMODB = 1.0, 0.05, 0.025  # at most before the second attempt; then doubled
TOKENS = 500  # a client with many failures stops trying again
COST_THROTTLED, COST_PASSING, GAIN = 5, 14, 1


class Client:
    """One client with ``max_attempts`` in all for each call; 1 tries nothing again."""

    def __init__(self, world: World, max_attempts: int) -> None:
        self._world = world
        self._max_attempts = max_attempts
        self._tokens = TOKENS

    def call(self, request: Request) -> Process[Answer | AwsError]:
        """Make one call, again where its error may pass. A function error is a 200, and is the answer."""
        attempt, gain = 1, GAIN
        while True:
            answer = yield from self._world.api.call(request)
            if not isinstance(answer, AwsError):
                self._tokens = min(TOKENS, self._tokens + gain)
                return answer
            cost = COST_THROTTLED if answer.code in THROTTLING else COST_PASSING
            if attempt >= self._max_attempts or not may_pass(answer) or self._tokens < cost:
                return answer
            self._tokens, gain = self._tokens - cost, cost
            delay = self._delay(request.service, answer, attempt)
            fact = CallRetried(request.source, request.service, request.operation, attempt, delay, answer.code)
            self._world.trace.record(fact)
            yield from self._world.kernel.sleep(delay)
            attempt += 1

    def _delay(self, service: str, error: AwsError, attempt: int) -> Micros:
        """A wait drawn between 0 and a longest one, which doubles with each attempt."""
        passing = WAIT_S_DYNAMODB if service == "dynamodb" else WAIT_S_PASSING
        scale = WAIT_S_THROTTLED if error.code in THROTTLING else passing
        draw = self._world.kernel.random_for("client/retries").random()
        return Micros(round(draw * min(scale * 2 ** (attempt - 1), WAIT_S_MAX) * SECOND))


def may_pass(error: AwsError) -> bool:
    """Whether an SDK takes this answer for a throttle, or for a failure that passes."""
    return error.code in THROTTLING or error.code in PASSING or error.status in PASSING_STATUSES
