"""From a SAM or CloudFormation project to the resources of a World."""

from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.template import Resource, Template, read_template

__all__ = ["Problem", "ProjectError", "Resource", "Template", "read_template"]
