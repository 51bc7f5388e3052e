"""The trace: an append-only list of typed facts. Nothing else comes out of a run."""

from lambdalab.simulator.trace.codec import decode_line, decode_lines, encode_fact
from lambdalab.simulator.trace.recorder import Recorder
from lambdalab.simulator.trace.stamp import Entry, Stamped
from lambdalab.simulator.trace.tape import Tape

__all__ = ["Entry", "Recorder", "Stamped", "Tape", "decode_line", "decode_lines", "encode_fact"]
