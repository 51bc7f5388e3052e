"""A run in a template: its table, and times in words."""

from django import template

from lambdalab.web import run_table

register = template.Library()
register.simple_tag(run_table.run_table, name="run_table")
register.filter("lasting", run_table.lasting)
register.filter("clock", run_table.clock)
register.filter("stat_value", run_table.stat_value)


@register.filter
def in_seconds(milliseconds: int) -> float:
    """Milliseconds as the seconds that the other filters take."""
    return milliseconds / 1000
