"""``lambdalab doctor``: whether this machine can run students' code safely, layer by layer."""

from __future__ import annotations

import sys

from lambdalab.sandbox.client import Sandbox
from lambdalab.sandbox.errors import SandboxError


def main() -> int:
    """Start a jail, which tests itself, and name its layers. Returns 0 when code may run here, 3 when not."""
    try:
        with Sandbox.private() as sandbox:
            layers = sandbox.layers
    except SandboxError as error:
        print(f"No code can run here: {error}", file=sys.stderr)
        return 3
    print("Students' code runs confined by:")
    for layer in layers:
        state = "yes" if layer.active else "NO" if layer.required else "no"
        print(f"  {state:4} {layer.name}{f' ({layer.detail})' if layer.detail else ''}")
    return 0
