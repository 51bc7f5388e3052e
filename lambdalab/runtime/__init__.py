"""Where the simulator and the sandbox meet: the only package that imports both. ``play`` is what the web calls."""

from lambdalab.runtime.engine import engine_hash
from lambdalab.runtime.limits import RunLimits
from lambdalab.runtime.play import Outcome, Progress, play
from lambdalab.simulator.lambda_.turns import HandlerFailure
from lambdalab.simulator.project.problems import Problem, ProjectError

__all__ = ["HandlerFailure", "Outcome", "Problem", "Progress", "ProjectError", "RunLimits", "engine_hash", "play"]
