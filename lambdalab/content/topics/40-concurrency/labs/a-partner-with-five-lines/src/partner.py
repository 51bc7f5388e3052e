"""The partner that knows the prices. Its machine has five telephone lines. You cannot edit this file."""

import time


def price(item):
    """What the partner asks for ``item``, in cents. Each question keeps one line busy for 0.8 seconds."""
    time.sleep(0.8)
    return 100 + 7 * item
