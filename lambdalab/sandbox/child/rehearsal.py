"""A handler module for the zygote's rehearsal (``warm.py``). No environment ever sees it."""


def answers(event: object, context: object) -> object:
    """Succeed."""
    return event


def raises(event: object, context: object) -> object:
    """Fail."""
    raise ValueError("rehearsed")
