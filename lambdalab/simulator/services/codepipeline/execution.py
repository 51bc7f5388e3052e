"""Playing an execution: stage after stage, actions of one order side by side, a function's job until it has a result.

Source: AWS CodePipeline User Guide, "Invoke an AWS Lambda function in a pipeline", "How pipeline executions work" and
"Quotas in AWS CodePipeline", read 2026-11: an invoke action that hears nothing for 20 minutes fails; a result that is
not final begins the 20 minutes again, for 24 hours at most. How soon a job goes on: assumption A-127.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import groupby
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.kernel import DAY, MINUTE, SECOND, Micros, Process
from lambdalab.simulator.kernel.kernel import Signal
from lambdalab.simulator.services.codepipeline.pipeline import Action, Execution, Job, Pipeline, Stage, Status
from lambdalab.simulator.trace.facts import PipelineActionEnded, PipelineActionStarted, PipelineExecutionChanged
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID
from lambdalab.simulator.vocabulary.errors import AwsError

PATIENCE = Micros(20 * MINUTE)
LONGEST = Micros(DAY)
AGAIN = Micros(30 * SECOND)
Told = Callable[[Execution, str], None]


class Executions:
    """The executions of all pipelines, and the jobs under way. ``tell`` hears of each change of an execution."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.jobs: dict[str, Job] = {}
        self.tell: Told = lambda execution, state: None

    def start(self, pipeline: Pipeline) -> Execution:
        """Begin an execution."""
        execution = Execution(self._world.new_uuid("codepipeline"), pipeline, self._world.kernel.now)
        pipeline.executions[execution.id] = execution
        self._change(execution, "InProgress", "")
        self._world.kernel.spawn(self._play(execution))
        return execution

    def _change(self, execution: Execution, status: Status, summary: str) -> None:
        execution.status, execution.summary = status, summary
        pipeline = execution.pipeline.name
        self._world.trace.record(PipelineExecutionChanged(pipeline, execution.id, status, summary))
        self.tell(execution, {"InProgress": "STARTED"}.get(status, status.upper()))

    def _play(self, execution: Execution) -> Process[None]:
        for stage in execution.pipeline.stages:
            if not (yield from self._enter(execution, stage)):
                self._change(execution, "Superseded", "A newer execution was waiting.")
                return
            failure = yield from self._stage(execution, stage)
            self._leave(stage)
            if failure is not None:
                self._change(execution, "Failed", failure)
                return
        self._change(execution, "Succeeded", "")

    def _enter(self, execution: Execution, stage: Stage) -> Process[bool]:
        """Wait until the stage is free; false when a newer execution has taken the place before it."""
        if stage.busy:
            free = self._world.kernel.signal()
            if stage.waiting is not None:
                stage.waiting[1].fire(False)
            stage.waiting = (execution, free)
            return bool((yield from self._world.kernel.wait(free)))
        stage.busy = True
        return True

    def _leave(self, stage: Stage) -> None:
        """Let the next one in: the stage stays busy then."""
        waiting, stage.waiting = stage.waiting, None
        if waiting is None:
            stage.busy = False
        else:
            waiting[1].fire(True)

    def _stage(self, execution: Execution, stage: Stage) -> Process[str | None]:
        """Its actions, those of one order at once; why the stage failed, or None."""
        ordered = sorted(stage.actions, key=lambda action: action.order)
        for _, group in groupby(ordered, key=lambda action: action.order):
            actions = list(group)
            done = self._world.kernel.signal()
            results: list[str | None] = []

            for action in actions:
                self._world.kernel.spawn(self._one(execution, stage, action, results, len(actions), done))
            yield from self._world.kernel.wait(done)
            failures = [each for each in results if each is not None]
            if failures:
                return failures[0]
        return None

    def _one(
        self,
        execution: Execution,
        stage: Stage,
        action: Action,
        results: list[str | None],
        of: int,
        done: Signal,
    ) -> Process[None]:
        """One of several actions side by side: the last to end says so."""
        results.append((yield from self._action(execution, stage, action)))
        if len(results) == of:
            done.fire()

    def _action(self, execution: Execution, stage: Stage, action: Action) -> Process[str | None]:
        name, world = execution.pipeline.name, self._world
        key = f"{stage.name}/{action.name}"
        execution.states[key] = "InProgress"
        world.trace.record(PipelineActionStarted(name, execution.id, stage.name, action.name, action.provider))
        play = self._source if action.provider == "S3" else self._invoke
        failure, rounds = yield from play(execution, action)
        execution.states[key] = status = "Failed" if failure else "Succeeded"
        fact = PipelineActionEnded(name, execution.id, stage.name, action.name, status, failure or "", rounds)
        world.trace.record(fact)
        return None if failure is None else f"{key}: {failure}"

    def _call(self, execution: Execution, service: str, operation: str, **params: Any) -> Process[Answer | AwsError]:
        pipeline = execution.pipeline
        request = Request(pipeline.role, service, operation, params, f"codepipeline/{pipeline.name}")
        return (yield from self._world.api.call(request))

    def _source(self, execution: Execution, action: Action) -> Process[tuple[str | None, int]]:
        """Take the newest version of an object into the artifact store, by the pipeline's role."""
        config, store = action.configuration, execution.pipeline.store
        bucket, key = config.get("S3Bucket", ""), config.get("S3ObjectKey", "")
        found = yield from self._call(execution, "s3", "GetObject", Bucket=bucket, Key=key)
        if isinstance(found, AwsError):
            return f"{found.message} ({found.code})", 1
        body = found.output["Body"]
        body = body.read() if hasattr(body, "read") else body
        for name in action.outputs:
            place = f"{execution.pipeline.name[:20]}/{name[:10]}/{self._world.new_uuid('codepipeline')[:7]}.zip"
            kept = yield from self._call(execution, "s3", "PutObject", Bucket=store, Key=place, Body=body)
            if isinstance(kept, AwsError):
                return f"{kept.message} ({kept.code})", 1
            execution.artifacts[name] = (store, place)
        return None, 1

    def _invoke(self, execution: Execution, action: Action) -> Process[tuple[str | None, int]]:
        """Ask the function, again and again while its result is not final; why the action failed, and how often."""
        token, rounds, last = None, 0, Micros(self._world.kernel.now + LONGEST)
        while True:
            rounds += 1
            job = Job(self._world.new_uuid("codepipeline"), self._world.kernel.signal())
            self.jobs[job.id] = job
            refused = yield from self._ask(execution, action, job, token)
            if refused is not None:
                return refused, rounds
            until = min(Micros(self._world.kernel.now + PATIENCE), last)
            if job.answer is None:
                yield from self._world.kernel.wait_until(job.answered, until)
            answer = job.answer
            if answer is None:
                job.answer = {"what": "late"}  # a result that comes now is too late
                function = action.configuration.get("FunctionName")
                text = f"The AWS Lambda function {function} failed to return a result. Check the function to verify"
                text += " that it has permission to call the PutJobSuccessResult action and that it made a call."
                return text, rounds
            if answer["what"] == "failure":
                return str(answer["failureDetails"]["message"]), rounds
            token = answer.get("continuationToken")
            if token is None:
                return None, rounds
            yield from self._world.kernel.sleep(AGAIN)

    def _ask(self, execution: Execution, action: Action, job: Job, token: str | None) -> Process[str | None]:
        given = action.configuration
        config = {key: given[key] for key in ("FunctionName", "UserParameters") if key in given}
        data: dict[str, Any] = {
            "actionConfiguration": {"configuration": config},
            "inputArtifacts": [_artifact(execution, name) for name in action.inputs],
            "outputArtifacts": [_artifact(execution, name) for name in action.outputs],
            "artifactCredentials": {"accessKeyId": "ASIA" + job.id[:12].upper(), "secretAccessKey": job.id,
                                    "sessionToken": job.id},
        }  # fmt: skip
        if token is not None:
            data["continuationToken"] = token
        event = {"CodePipeline.job": {"id": job.id, "accountId": ACCOUNT_ID, "data": data}}
        name = given.get("FunctionName", "")
        payload = json.dumps(event).encode()
        answer = yield from self._call(
            execution, "lambda", "Invoke", FunctionName=name, InvocationType="Event", Payload=payload
        )
        return f"{answer.message} ({answer.code})" if isinstance(answer, AwsError) else None


def _artifact(execution: Execution, name: str) -> dict[str, Any]:
    pipeline = execution.pipeline
    bucket, key = execution.artifacts.get(name, (pipeline.store, f"{pipeline.name[:20]}/{name[:10]}"))
    location = {"s3Location": {"bucketName": bucket, "objectKey": key}, "type": "S3"}
    return {"location": location, "revision": None, "name": name}
