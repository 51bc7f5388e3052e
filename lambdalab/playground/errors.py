"""What can be wrong with what somebody sends."""


class DraftRefused(Exception):
    """The text cannot be kept; the message says why, for the person who wrote it."""
