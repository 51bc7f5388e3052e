"""Clock, processes, random streams and bounds. Knows nothing of AWS; the only package that imports SimPy."""

from lambdalab.simulator.kernel.agenda import Process
from lambdalab.simulator.kernel.clock import DAY, HOUR, MILLISECOND, MINUTE, SECOND, Micros, seconds
from lambdalab.simulator.kernel.kernel import Kernel, Signal

__all__ = ["DAY", "HOUR", "MILLISECOND", "MINUTE", "SECOND", "Kernel", "Micros", "Process", "Signal", "seconds"]
