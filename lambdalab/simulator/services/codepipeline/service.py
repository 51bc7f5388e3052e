"""AWS CodePipeline behind the front door: executions, and the results of jobs. Source: botocore's model of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.account.constraints import violated
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.codepipeline.execution import Executions
from lambdalab.simulator.services.codepipeline.pipeline import Pipeline
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError


class CodePipeline:
    """The pipelines of the account."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.pipelines: dict[str, Pipeline] = {}
        self.executions = Executions(world)
        self._operations: Mapping[str, Callable[[dict[str, Any]], Answer | AwsError]] = {
            "StartPipelineExecution": self._start,
            "GetPipelineExecution": self._get,
            "ListPipelineExecutions": self._list,
            "PutJobSuccessResult": lambda params: self._put(params, "success"),
            "PutJobFailureResult": lambda params: self._put(params, "failure"),
        }
        world.api.register("codepipeline", self)

    def deploy(self, pipeline: Pipeline) -> None:
        """Add a pipeline."""
        self.pipelines[pipeline.name] = pipeline

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The pipeline that a call acts on. Jobs belong to no resource that IAM knows."""
        name = params.get("name") or params.get("pipelineName")
        return (arn("codepipeline", str(name)), str(name)) if name else ("*", "")

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()
        operation = self._operations.get(request.operation)
        if operation is None:
            return unsupported(request)
        return violated("codepipeline", request.operation, request.params) or operation(request.params)

    def _pipeline(self, name: str) -> Pipeline | AwsError:
        missing = AwsError("PipelineNotFoundException", f"Account does not have a pipeline with name '{name}'.")
        return self.pipelines.get(name) or missing

    def _start(self, params: dict[str, Any]) -> Answer | AwsError:
        pipeline = self._pipeline(params["name"])
        if isinstance(pipeline, AwsError):
            return pipeline
        return Answer({"pipelineExecutionId": self.executions.start(pipeline).id})

    def _get(self, params: dict[str, Any]) -> Answer | AwsError:
        pipeline = self._pipeline(params["pipelineName"])
        if isinstance(pipeline, AwsError):
            return pipeline
        found = pipeline.executions.get(params["pipelineExecutionId"])
        if found is None:
            text = f"Account does not have pipeline execution with id '{params['pipelineExecutionId']}'."
            return AwsError("PipelineExecutionNotFoundException", text)
        told = {"pipelineName": pipeline.name, "pipelineExecutionId": found.id, "status": found.status}
        return Answer({"pipelineExecution": told | ({"statusSummary": found.summary} if found.summary else {})})

    def _list(self, params: dict[str, Any]) -> Answer | AwsError:
        pipeline = self._pipeline(params["pipelineName"])
        if isinstance(pipeline, AwsError):
            return pipeline
        rows = [
            {
                "pipelineExecutionId": each.id,
                "status": each.status,
                "startTime": self._world.wall_clock(each.started_at),
            }
            for each in reversed(pipeline.executions.values())
        ]
        return Answer({"pipelineExecutionSummaries": rows[: params.get("maxResults") or 100]})

    def _put(self, params: dict[str, Any], what: str) -> Answer | AwsError:
        """A job's result, once. BC PutJobSuccessResult"""
        job = self.executions.jobs.get(params["jobId"])
        if job is None:
            return AwsError("JobNotFoundException", f"Could not find job with ID '{params['jobId']}'.")
        if job.answer is not None:
            text = f"Invalid job state. The job {job.id} has already been completed."
            return AwsError("InvalidJobStateException", text)
        job.answer = {"what": what, **params}
        job.answered.fire()
        return Answer()
