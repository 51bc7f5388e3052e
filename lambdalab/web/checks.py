"""Tells when the front end was built from other sources than those that stand here."""

from collections.abc import Sequence

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from lambdalab.web import front_end


def front_end_is_built(app_configs: Sequence[object] | None = None, **context: object) -> list[CheckMessage]:
    """Runs with every `check`, and before `collectstatic`: production is not made from an old front end."""
    problem = front_end.problem_of(front_end.built_folder())
    if problem is None:
        return []
    kind = Error if settings.LAMBDALAB_ENV == "production" else Warning
    return [kind(problem, hint=front_end.FIX, id="web.E001" if kind is Error else "web.W001")]
