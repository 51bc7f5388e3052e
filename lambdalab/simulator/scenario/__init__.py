"""What happens to a project: steps, faults, checks. ``run.simulate`` plays it."""
