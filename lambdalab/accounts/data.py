"""This app's part of a person's data."""

from lambdalab.accounts.models import User


def export(user: User) -> dict[str, object]:
    """The account itself and its classes. The password's hash stays here."""
    return {
        "username": user.username,
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "time_zone": user.time_zone,
        "theme": user.theme,
        "joined_at": user.joined_at,
        "last_signed_in_at": user.last_login,
        "classes": [
            {"class": each.school_class.name, "part": each.part, "joined_at": each.joined_at}
            for each in user.memberships.select_related("school_class")
        ],
    }
