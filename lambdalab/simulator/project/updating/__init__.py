"""Updating what stands beside the functions of a stack: created, changed in place, replaced, or taken away."""

from lambdalab.simulator.project.updating.changes import refused
from lambdalab.simulator.project.updating.resources import Others
from lambdalab.simulator.project.updating.table import has_kind

__all__ = ["Others", "has_kind", "refused"]
