"""Figures, each beside a baseline of the same run: `.venv/bin/python -m bench.six_hours`."""
