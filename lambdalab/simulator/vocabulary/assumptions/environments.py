"""Execution environments: INIT, work, reuse, memory, code and its runtime."""

from __future__ import annotations

from lambdalab.simulator.kernel import HOUR, MILLISECOND, MINUTE, Micros
from lambdalab.simulator.vocabulary.assumptions.assumption import Assumption

INIT_DEFAULT = Micros(170 * MILLISECOND)
INIT_SPREAD = 0.15  # share around the declared cost, uniform
CPU_DEFAULT_US_PER_VCPU = 1_000  # work of one invocation on a full vCPU
CPU_SPREAD = 0.10
IDLE_LIFETIME = Micros(10 * MINUTE)
MAX_LIFETIME = Micros(2 * HOUR)
MAX_MEMORY_STEP_MB = 16

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "A-01",
        "How long INIT takes",
        "Without a measured run, a Python function's INIT is declared as 170 ms, "
        "within 15 % of that, whatever its memory. AWS publishes only a range (100 ms to over 1 s).",
    ),
    Assumption(
        "A-02",
        "How long work takes",
        "In declared compute, an invocation costs 1 ms of a full vCPU unless the "
        "scenario says otherwise, within 10 %, divided by the share of a vCPU that its memory buys.",
    ),
    Assumption(
        "A-03",
        "How long an idle environment lives",
        "10 minutes idle, 2 hours in all. AWS says only that "
        "environments are kept some time and recycled every few hours.",
    ),
    Assumption(
        "A-04",
        "Which warm environment is reused",
        "The one used most recently. AWS documents only that an available one is reused.",
    ),
    Assumption(
        "A-09",
        "Memory figures",
        "Max Memory Used is rounded up to 16 MB, so that a trace is the same byte for byte on every machine.",
    ),
    Assumption(
        "A-11", "Python version", "Functions run on the host's Python, whatever python3.x they name; a run says so."
    ),
    Assumption(
        "A-14",
        "Where declared work falls",
        "The declared time of an invocation passes before the handler's first "
        "line runs; each reading of a clock adds one microsecond, but those that Python makes to take a lock add none.",
    ),
    Assumption(
        "A-30",
        "Layers and packages",
        "CodeSize and CodeSha256 are those of the unpacked files, since a folder of the project has no zip. Where one "
        "layer has a file and another a folder of that name, the last one wins. A runtime or an architecture for which "
        "a layer was not made is no obstacle, as Lambda's API treats it.",
    ),
    Assumption(
        "A-31",
        "Last days of runtimes",
        "Those announced on 2026-11-23; AWS has put such days off several times. The stack of a run is created on the "
        "day on which virtual time begins, unless the template says Metadata: lambdalab: created: DAY.",
    ),
    Assumption(
        "A-64",
        "An INIT that fails",
        "The time that it took is in no Billed Duration; its repetition inside the invocation is, as Duration. Logs of "
        "real functions (April 2026) show it so, and that START follows what the repetition logs.",
    ),
    Assumption(
        "A-190",
        "How many processors code sees",
        "os.cpu_count, os.sched_getaffinity and the C library's functions under them tell 2 up to 3,008 MB, 3 up to "
        "5,307, 4 up to 7,076, 5 up to 8,845 and 6 beyond, numbered from 0, as somebody has measured on AWS (rwnx, "
        "lambda-cpuinfo); AWS documents one vCPU's worth at 1,769 MB and six at 10,240. Code that asks to be on some "
        "of them is told of these from then on, and nothing else changes.",
    ),
)
