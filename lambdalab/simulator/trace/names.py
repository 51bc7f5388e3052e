"""What people call things: the names and labels that earlier facts of a run have introduced."""

from __future__ import annotations

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace import telling_http
from lambdalab.simulator.trace.words import first

LABELS_MAX = 20_000  # remembered, those of the newest events; older ones are called by their request id


class Names:
    """Names of functions, mappings, machines and so on by their ids, and a bounded number of events' labels."""

    def __init__(self) -> None:
        self.functions: dict[str, str] = {}
        self.mappings: dict[str, str] = {}
        self.machines: dict[str, str] = {}
        self.pools: dict[str, str] = {}
        self.pipelines: dict[str, str] = {}
        self.firehoses: dict[str, str] = {}
        self.jobs: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        self._events = 0

    def note(self, fact: f.Fact) -> None:
        """Remember the name or label that a fact introduces."""
        if isinstance(fact, f.FunctionDeployed):
            self.functions[fact.function] = fact.shown_as
        elif isinstance(fact, f.MappingConfigured):
            self.mappings[fact.mapping] = fact.shown_as
        elif isinstance(fact, f.MachineDeployed):
            self.machines[fact.machine] = fact.shown_as
        elif isinstance(fact, f.UserPoolDeployed):
            self.pools[fact.pool] = fact.shown_as
        elif isinstance(fact, f.PipelineDeployed):
            self.pipelines[fact.pipeline] = fact.shown_as
        elif isinstance(fact, f.BatchJobCreated):
            self.jobs[fact.job] = f"batch job {fact.description}" if fact.description else ""
        elif isinstance(fact, f.FirehoseDeployed):
            self.firehoses[fact.stream] = fact.shown_as
        elif isinstance(fact, f.AsyncEventReceived):
            self._events += 1
            self._labels[fact.request_id] = fact.label or f"event {self._events}"
            if len(self._labels) > LABELS_MAX:
                del self._labels[next(iter(self._labels))]

    def label(self, request_id: str | None) -> str:
        """What an event is called on pages: the scenario's label, else the beginning of its request id."""
        if request_id is None:
            return "no request"
        return self._labels.get(request_id, f"request {request_id[:8]}")

    def attempt(self, fact: f.InvocationStarted | f.InvocationEnded) -> str:
        """What an invocation is called: an event may have several attempts, a synchronous request has one."""
        label = self.label(fact.request_id)
        return f"Attempt {fact.attempt} of {label}" if fact.request_id in self._labels else first(label)

    def who(self, source: str) -> str:
        """Who makes a call, by the trace's words for its source."""
        kind, _, name = source.partition("/")
        if kind in telling_http.SOURCES:
            return f"The {telling_http.SOURCES[kind]} {name}"
        known = {
            "scenario": "The scenario",
            "codedeploy": "CodeDeploy",
            "events": f"The rule {name}",
            "scheduler": f"The schedule {name}",
            "s3": f"The bucket {name}",
            "sns": f"The topic {name}",
            "logs": f"The log filter {name}",
            "batch_operations": f"The {self.jobs.get(name) or f'batch job {name[:8]}'}",
            "firehose": f"The Firehose stream {self.firehoses.get(name, name)}",
            "lambda": f"Lambda, for {self.name(name)},",
        }
        return self.name(name) if kind == "function" else known.get(kind, source)

    def name(self, function: str) -> str:
        """What a function is called."""
        return self.functions.get(function, function)
