"""Every fact a run can record, a module a family. The union is closed: a new fact is added to its family, and told.

Facts are frozen structs without a time of their own; the recorder stamps them. A released ``kind`` keeps its
meaning for ever; a changed meaning is a new kind. Times and durations are microseconds and end in ``_us``.

Each module lists what it exports, and has a union of its family; all of it can be had from here.
"""

from __future__ import annotations

from lambdalab.simulator.trace.facts.api import *
from lambdalab.simulator.trace.facts.async_queue import *
from lambdalab.simulator.trace.facts.batch_job import *
from lambdalab.simulator.trace.facts.bus import *
from lambdalab.simulator.trace.facts.concurrency import *
from lambdalab.simulator.trace.facts.deployment import *
from lambdalab.simulator.trace.facts.edge import *
from lambdalab.simulator.trace.facts.environment import *
from lambdalab.simulator.trace.facts.firehose import *
from lambdalab.simulator.trace.facts.http import *
from lambdalab.simulator.trace.facts.invocation import *
from lambdalab.simulator.trace.facts.log import *
from lambdalab.simulator.trace.facts.machine import *
from lambdalab.simulator.trace.facts.mapping import *
from lambdalab.simulator.trace.facts.message import *
from lambdalab.simulator.trace.facts.metric import *
from lambdalab.simulator.trace.facts.network import *
from lambdalab.simulator.trace.facts.object import *
from lambdalab.simulator.trace.facts.pipeline import *
from lambdalab.simulator.trace.facts.pool import *
from lambdalab.simulator.trace.facts.run import *
from lambdalab.simulator.trace.facts.stack import *
from lambdalab.simulator.trace.facts.stored_logs import *
from lambdalab.simulator.trace.facts.stream import *
from lambdalab.simulator.trace.facts.stream_mapping import *
from lambdalab.simulator.trace.facts.topic import *
from lambdalab.simulator.trace.facts.tracing import *
from lambdalab.simulator.trace.facts.vpc import *

Fact = (
    ApiFact
    | AsyncQueueFact
    | BatchJobFact
    | BusFact
    | ConcurrencyFact
    | DeploymentFact
    | EdgeFact
    | EnvironmentFact
    | FirehoseFact
    | HttpFact
    | InvocationFact
    | LogFact
    | MachineFact
    | MappingFact
    | MessageFact
    | MetricFact
    | NetworkFact
    | ObjectFact
    | PipelineFact
    | PoolFact
    | RunFact
    | StackFact
    | StoredLogsFact
    | StreamFact
    | StreamMappingFact
    | TopicFact
    | TracingFact
    | VpcFact
)
FACT_TYPES: dict[str, type[Fact]] = {fact.kind: fact for fact in Fact.__args__}
