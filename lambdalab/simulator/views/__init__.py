"""Pure functions of a trace: the summary, the timeline, logs, metrics, the bill. Views never look at the World."""
