"""A class as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from lambdalab.accounts.models import Membership, SchoolClass, User
from lambdalab.accounts.queries import memberships_of
from lambdalab.web import progress
from lambdalab.web.progress import Column, Mark

NOTHING = Mark(words="")


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member and their mark in each column."""

    user: User
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True)
class ClassPage:
    """The members of a class, side by side with what they did."""

    school_class: SchoolClass
    instructors: Sequence[Membership]
    columns: Sequence[Column]
    rows: Sequence[MemberRow]

    @property
    def begun(self) -> int:
        """How many members have done anything yet."""
        return sum(any(mark.words for mark in row.marks) for row in self.rows)


def class_page(school_class: SchoolClass) -> ClassPage:
    """Read the members and their progress; the number of queries does not grow with either."""
    members = [each.user for each in memberships_of(school_class, Membership.Part.MEMBER)]
    columns = progress.columns([user.pk for user in members])
    rows = [MemberRow(user, [column.marks.get(user.pk, NOTHING) for column in columns]) for user in members]
    instructors = memberships_of(school_class, Membership.Part.INSTRUCTOR)
    return ClassPage(school_class, instructors, columns, rows)
