"""Event patterns: the language in which rules of EventBridge and filter policies of SNS say what they want to see."""

from lambdalab.simulator.vocabulary.patterns.matching import Pattern
from lambdalab.simulator.vocabulary.patterns.reading import PatternError, read_pattern

__all__ = ["Pattern", "PatternError", "read_pattern"]
