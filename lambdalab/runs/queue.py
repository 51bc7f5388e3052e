"""Hands runs to the workers. The row is the truth; a message is only a hint that it is there."""

import logging
from uuid import UUID

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

CARRY_OUT = "runs.carry_out"


def enqueue(run_id: UUID, priority: int) -> None:
    """Send the run's id. When Redis does not answer, beat sends it again within a minute."""
    try:
        current_app.send_task(CARRY_OUT, args=[str(run_id)], priority=priority, retry=False)
    except OperationalError:
        logger.exception("run %s could not be enqueued", run_id)
