"""Logs, metrics, alarms and traces."""

from __future__ import annotations

from lambdalab.simulator.vocabulary.assumptions.assumption import Assumption

LOG_BATCH_WINDOW = (1_000_000, 5_000_000)  # microseconds in which a filter collects what it sends at once
LOG_BATCH_EVENTS = 500  # of one batch

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "A-20",
        "A thrown exception in JSON logs",
        "platform.runtimeDone and platform.report call it status error, with its errorType, at level WARN. The text "
        "REPORT names no status for it, and we found no record of AWS's.",
    ),
    Assumption(
        "A-21",
        "X-Ray's sampling and names",
        "Each function has a first request of each second of its own. The service's segment of an event has the "
        "subsegments Dwell Time and Attempt #n; a sampled caller's header becomes AWSTraceHeader of a message, another "
        "does not. Active tracing whose role lacks xray:PutTraceSegments records nothing.",
    ),
    Assumption(
        "A-24",
        "When an alarm looks",
        "At the end of each period, with all samples of that period at hand. CloudWatch's own delay of some seconds to "
        "minutes is left out. A deployment is rolled back in the moment in which its alarm goes off.",
    ),
    Assumption(
        "A-116",
        "How much of its logs a run keeps",
        "For GetLogEvents and FilterLogEvents a run keeps the newest 32 MB of log events, with 200 bytes for each. "
        "The trace, and with it the summary and the pages, has all of them.",
    ),
    Assumption(
        "A-117",
        "When log events reach a subscriber",
        "A subscription filter collects the events of one stream for 1 to 5 s after the first, and sends up to 500 of "
        "them at once. AWS says that it batches, not how long.",
    ),
    Assumption(
        "A-140",
        "When metric data can be read",
        "At once: what was put, and what Lambda counts, is in the next answer of GetMetricStatistics, GetMetricData "
        "and ListMetrics. AWS promises minutes, and up to fifteen until a new metric is listed.",
    ),
    Assumption(
        "A-141",
        "How finely metrics are kept",
        "Custom metrics keep up to 100 different values a minute; beyond that percentiles are rounded. Of Lambda's own "
        "metrics a minute keeps sum, extremes, count and the percentiles 50, 90, 95 and 99: another percentile, or one "
        "over several minutes, is told as not simulated unless the samples are all 0 or 1. Periods are counted from "
        "the start of a query.",
    ),
    Assumption(
        "A-142",
        "What CloudWatch says no with",
        "Texts that tests of LocalStack and moto hold against AWS's, and those that Eucalyptus wrote down when it "
        "rebuilt CloudWatch (all read 2026-11-29); where nobody quotes one, the text is made in their manner. The "
        "size of a PutMetricData is that of its names and numbers, as if it were not compressed.",
    ),
    Assumption(
        "A-144",
        "What a metric filter takes from a log event",
        "A field gives a value when it holds a number, or a text that is one; an event that lacks a dimension's field "
        "gives nothing. The default value comes when its minute is over. A filter whose dimensions take more than "
        "1,000 different values within an hour is disabled at once: AWS says that it might.",
    ),
    Assumption(
        "A-181",
        "How far back an alarm looks for data",
        "Two periods further than its evaluation periods, as in the guide's examples; AWS says that it depends on the "
        "period and on the resolution of the metric. Where all data are beyond the threshold and too few for an alarm, "
        "and missing data are missing, an alarm is OK.",
    ),
)
