"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest

from lambdalab.web import front_end


def site(request: HttpRequest) -> dict[str, object]:
    """The kind of installation, whether the reader teaches, and the nonce of the content security policy."""
    user = getattr(request, "user", None)  # absent when a middleware before authentication fails
    return {
        "csp_nonce": getattr(request, "csp_nonce", ""),
        "lambdalab_env": settings.LAMBDALAB_ENV,
        "front_end": front_end.state(),
        "instructing": bool(user and user.is_authenticated and user.is_instructor),
    }
