"""Stands for a large library: while it is imported it fetches its fonts, which takes 2.8 seconds. You cannot edit it."""

import time

time.sleep(2.8)


def draw(numbers):
    """A bar for each number."""
    return ["#" * number for number in numbers]
