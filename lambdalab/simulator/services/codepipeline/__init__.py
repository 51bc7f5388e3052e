"""AWS CodePipeline, as far as a function can be one of its actions."""

from lambdalab.simulator.services.codepipeline.pipeline import Action, Pipeline, Stage
from lambdalab.simulator.services.codepipeline.service import CodePipeline

__all__ = ["Action", "CodePipeline", "Pipeline", "Stage"]
