"""Who is it? Finds the account behind a user name or an e-mail address."""

from django.contrib.auth.backends import BaseBackend
from django.db.models import Q
from django.http import HttpRequest

from lambdalab.accounts.models import User


class NameOrEmailBackend(BaseBackend):
    """Signs in by user name or e-mail address, in any letter case."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: object,
    ) -> User | None:
        if not username or password is None:
            return None
        found = User.objects.filter(Q(username__iexact=username) | Q(email__iexact=username)).order_by("pk")
        user = next(iter(sorted(found, key=lambda each: each.username.lower() != username.lower())), None)
        if user is None:
            User().set_password(password)  # takes as long as a wrong password, so that time tells nothing
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()
