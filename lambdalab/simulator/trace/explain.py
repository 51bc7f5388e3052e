"""One plain English sentence for each fact, told by the module of its family. One without a sentence fails a test."""

from __future__ import annotations

from typing import assert_never

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace import (
    telling_async,
    telling_batch_jobs,
    telling_buckets,
    telling_buses,
    telling_calls,
    telling_concurrency,
    telling_deployments,
    telling_edge,
    telling_firehose,
    telling_http,
    telling_invocations,
    telling_machines,
    telling_mappings,
    telling_metrics,
    telling_pipelines,
    telling_pools,
    telling_runs,
    telling_stores,
    telling_streams,
    telling_topics,
    telling_vpc,
)
from lambdalab.simulator.trace.names import Names
from lambdalab.simulator.trace.stamp import Stamped
from lambdalab.simulator.trace.words import duration, where


class Explainer:
    """Explains facts in order; remembers the names and labels that earlier facts introduced, a bounded number."""

    def __init__(self) -> None:
        self._names = Names()

    def explain(self, stamped: Stamped) -> str:
        """Note one fact and return its sentence."""
        self.note(stamped.fact)
        return self.sentence(stamped.fact)

    def note(self, fact: f.Fact) -> None:
        """Remember the name or label that a fact introduces."""
        self._names.note(fact)

    def label(self, request_id: str | None) -> str:
        """What an event is called on pages: the scenario's label, else the beginning of its request id."""
        return self._names.label(request_id)

    def sentence(self, fact: f.Fact) -> str:
        """The sentence of a fact whose predecessors have been noted."""
        names = self._names
        functions = names.functions
        if isinstance(fact, f.RunFact):
            return telling_runs.of_run(fact)
        if isinstance(fact, f.ApiFact):
            return telling_calls.of_call(fact, names)
        if isinstance(fact, f.LogFact):
            return telling_invocations.of_log(fact, names)
        if isinstance(fact, f.InvocationFact):
            return telling_invocations.of_invocation(fact, names)
        if isinstance(fact, f.EnvironmentFact):
            return telling_invocations.of_environment(fact, names)
        if isinstance(fact, f.TracingFact):
            return telling_invocations.of_trace(fact, names)
        if isinstance(fact, f.AsyncQueueFact):
            return telling_async.of_async(fact, names)
        if isinstance(fact, f.ConcurrencyFact):
            return telling_concurrency.of_concurrency(fact, names)
        if isinstance(fact, f.DeploymentFact | f.StackFact):
            return telling_deployments.of_deployment(fact, names)
        if isinstance(fact, f.NetworkFact):
            return telling_calls.of_network(fact, names.name(fact.function))
        if isinstance(fact, f.VpcFact):
            function, environment = getattr(fact, "function", ""), getattr(fact, "environment", "")
            return telling_vpc.in_vpc(fact, names.name(function), where(environment))
        if isinstance(fact, f.MappingFact | f.StreamMappingFact):
            return telling_mappings.of_mapping(fact, names.mappings.get(fact.mapping, fact.mapping), functions)
        if isinstance(fact, f.StreamFact):
            return telling_streams.of_stream(fact)
        if isinstance(fact, f.MessageFact):
            return telling_stores.of_store(fact)
        if isinstance(fact, f.ObjectFact):
            return telling_buckets.of_bucket(fact)
        if isinstance(fact, f.TopicFact):
            return telling_topics.of_topic(fact, functions, names.who, duration)
        if isinstance(fact, f.BusFact):
            return telling_buses.of_bus(fact, functions, names.who, duration)
        if isinstance(fact, f.MetricFact):
            return telling_metrics.of_metric(fact, names)
        if isinstance(fact, f.StoredLogsFact):
            return telling_metrics.of_stored_logs(fact, names)
        if isinstance(fact, f.HttpFact):
            took = duration(fact.latency_us) if isinstance(fact, f.HttpAnswered) else ""
            return telling_http.of_http(fact, functions, took)
        if isinstance(fact, f.EdgeFact):
            return telling_edge.at_edge(fact, functions)
        if isinstance(fact, f.MachineFact):
            return telling_machines.of_machine(fact, names.machines)
        if isinstance(fact, f.PoolFact):
            return telling_pools.of_pool(fact, functions, names.pools)
        if isinstance(fact, f.PipelineFact):
            return telling_pipelines.of_pipeline(fact, names.pipelines)
        if isinstance(fact, f.FirehoseFact):
            return telling_firehose.of_firehose(fact, names.firehoses, names.who, names.name, duration)
        if isinstance(fact, f.BatchJobFact):
            return telling_batch_jobs.of_batch_job(fact, names.jobs, names.who, names.name, duration)
        assert_never(fact)
