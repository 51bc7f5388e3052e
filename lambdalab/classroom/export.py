"""A class's progress as a table for a spreadsheet."""

import csv
import io

from django.utils.translation import gettext as _

from lambdalab.classroom.contexts import ClassPage

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def as_csv(page: ClassPage) -> str:
    """One row a member, one column for each part of the course."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([_("Name"), _("User name"), *(safe_cell(column.label) for column in page.columns)])
    for row in page.rows:
        cells = [row.user.name, row.user.username, *(mark.words for mark in row.marks)]
        table.writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()
