"""A small course on disk that tests may spoil."""

from pathlib import Path

import pytest

COURSE = """\
title: Small course
modules:
  - number: 1
    slug: only
    title: Only module
    topics:
      - {number: 1, slug: first, title: First, goal: Begin., uuid: 0b6a2d3e-5f3e-4c58-9d7c-3a3d1c1d2e01}
      - {number: 2, slug: second, title: Second, goal: Go on., uuid: 0b6a2d3e-5f3e-4c58-9d7c-3a3d1c1d2e02}
"""
SOURCES = """\
guide: {title: A page, publisher: A guide, read: "2026-11-23"}
"""
GLOSSARY = """\
queue: {name: queue, also: [queues], definition: Where `events` wait.}
"""
TOPIC = """\
summary: What it is about.
labs: [try-again]
"""
LESSON = """\
---
uuid: 0b6a2d3e-5f3e-4c58-9d7c-3a3d1c1d2e03
title: Hand over
minutes: 4
summary: A queue in between.
sources: [guide]
---
Events wait in a [queue]{.term}.

```scenario
project: labs/try-again
with: exemplar
title: It waits
caption: One minute, then two.
alt: Three attempts.
scenario: {until: 1h}
```

```python
def handler(event, context): ...
```

::: exam
Three tries.
:::

::: misconception It runs three retries
Two.
:::

::: check
uuid: 0b6a2d3e-5f3e-4c58-9d7c-3a3d1c1d2e04
slug: how-many
kind: single_choice
prompt: How many?
options:
  - {text: Three, right: true, reason: One and two more.}
  - {text: One, reason: It is tried again.}
:::

::: try
lab: try-again
label: Try it
:::

The end.
"""
LAB = """\
---
uuid: 0b6a2d3e-5f3e-4c58-9d7c-3a3d1c1d2e05
title: Try again
minutes: 10
summary: Make it work.
editable: [src/app.py]
hints: ["Look at `event`."]
broken:
  swallow: {misses: nothing-lost, says: It hides the error.}
  give-up: {misses: nothing-lost, says: It gives up.}
---
Mend it.

## Look at
The queue.
"""
SCENARIO = """\
seed: 7
checks:
  - {id: nothing-lost, says: Nothing is lost, query: "async.f.dropped", equals: 0}
"""
QUIZ = """\
uuid: 0b6a2d3e-5f3e-4c58-9d7c-3a3d1c1d2e06
title: Quiz
intro: Ready?
minutes: 5
questions:
  - uuid: 0b6a2d3e-5f3e-4c58-9d7c-3a3d1c1d2e07
    slug: attempts
    kind: predict
    ask: numeric
    prompt: How many attempts?
    computed: {project: labs/try-again, query: async.f.attempts}
    value: 3
"""


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A content folder without a defect: two topics, one of them ready."""
    files = {
        "course.yaml": COURSE,
        "sources.yaml": SOURCES,
        "glossary.yaml": GLOSSARY,
        "topics/01-first/topic.yaml": TOPIC,
        "topics/01-first/quiz.yaml": QUIZ,
        "topics/01-first/lessons/01-hand-over.md": LESSON,
        "topics/01-first/labs/try-again/lab.md": LAB,
        "topics/01-first/labs/try-again/template.yaml": "Resources: {}\n",
        "topics/01-first/labs/try-again/scenario.yaml": SCENARIO,
        "topics/01-first/labs/try-again/src/app.py": "def handler(event, context): ...\n",
        "topics/01-first/labs/try-again/exemplar/src/app.py": "def handler(event, context): return 1\n",
        "topics/01-first/labs/try-again/broken/swallow/src/app.py": "swallow\n",
        "topics/01-first/labs/try-again/broken/give-up/src/app.py": "give up\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def spoil(content: Path, name: str, old: str, new: str) -> None:
    """Replace ``old``, which must be there, in one file of the course."""
    path = content / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
