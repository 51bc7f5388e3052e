"""The content files of the course as typed objects: loading and checking, without Django or a database.

`load_course(folder)` returns a `Course` or raises `ContentErrors`, which holds every defect with its
file, line, column and fix. The formats are in `schemas.py` and `questions.py`.
"""

from lambdalab.curriculum.errors import ContentError, ContentErrors
from lambdalab.curriculum.load import load_course
from lambdalab.curriculum.model import (
    Block,
    BrokenVariant,
    CheckBlock,
    Choice,
    Course,
    Figure,
    FigureBlock,
    HtmlBlock,
    Lab,
    Lesson,
    Module,
    NoteBlock,
    Question,
    QuizFile,
    Source,
    Term,
    Topic,
    TryItBlock,
)

__all__ = [
    "Block",
    "BrokenVariant",
    "CheckBlock",
    "Choice",
    "ContentError",
    "ContentErrors",
    "Course",
    "Figure",
    "FigureBlock",
    "HtmlBlock",
    "Lab",
    "Lesson",
    "Module",
    "NoteBlock",
    "Question",
    "QuizFile",
    "Source",
    "Term",
    "Topic",
    "TryItBlock",
    "load_course",
]
