"""Drawing variants and grading, as pure functions of a question's body.

`variant(body, seed)` decides the order in which a student sees things, `grade(body, response)` a
fraction from 0 to 1 with its reasons, `key(body)` a right response, `defects(body)` what an author
must mend, `check_computed(body, summary)` whether a simulated run agrees with the key.
"""

from quizzes.engine.grading import Comparison, check_computed, defects, grade, key, variant
from quizzes.engine.types import VERSION, Defect, Grade, Note, Response, Variant

__all__ = [
    "VERSION",
    "Comparison",
    "Defect",
    "Grade",
    "Note",
    "Response",
    "Variant",
    "check_computed",
    "defects",
    "grade",
    "key",
    "variant",
]
