"""The package's one exception: the sandbox itself failed. Never the student's doing."""


class SandboxError(Exception):
    """Confinement is missing, the broker is gone, a descriptor ran out: ours. The message says what to do."""
