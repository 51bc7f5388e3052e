from pathlib import Path

from lambdalab.curriculum import (
    Block,
    CheckBlock,
    FigureBlock,
    HtmlBlock,
    NoteBlock,
    TryItBlock,
    load_course,
)
from tests.curriculum.conftest import spoil

LESSON = "topics/01-first/lessons/01-hand-over.md"


def blocks_of(content: Path) -> tuple[Block, ...]:
    return load_course(content).topic("first").lesson("hand-over").blocks


def test_blocks_stand_in_reading_order(content: Path) -> None:
    kinds = [HtmlBlock, FigureBlock, HtmlBlock, NoteBlock, NoteBlock, CheckBlock, TryItBlock, HtmlBlock]
    assert [type(block) for block in blocks_of(content)] == kinds


def test_a_term_carries_its_definition_without_a_script(content: Path) -> None:
    block = blocks_of(content)[0]
    assert isinstance(block, HtmlBlock)
    assert block.html == (
        '<p>Events wait in a <span class="term">'
        '<a class="term-word" href="/glossary/#queue" aria-describedby="term-queue-1">queue</a>'
        '<span class="term-definition" role="tooltip" id="term-queue-1">Where events wait.</span></span>.</p>'
    )


def test_a_figure_merges_the_lab_its_variant_and_the_scenario(content: Path) -> None:
    block = blocks_of(content)[1]
    assert isinstance(block, FigureBlock)
    files = block.figure.files
    assert files["src/app.py"] == b"def handler(event, context): return 1\n"
    assert b'"until": "1h"' in files["scenario.yaml"]
    assert b'"seed": 7' in files["scenario.yaml"]


def test_the_key_of_a_figure_changes_with_what_is_played_and_not_with_its_caption(content: Path) -> None:
    def key() -> str:
        block = blocks_of(content)[1]
        assert isinstance(block, FigureBlock)
        return block.figure.key

    before = key()
    spoil(content, LESSON, "One minute, then two.", "Another caption.")
    assert key() == before
    spoil(content, "topics/01-first/labs/try-again/exemplar/src/app.py", "return 1", "return 2")
    assert key() != before


def test_code_is_highlighted_by_classes_and_can_be_focused(content: Path) -> None:
    block = blocks_of(content)[2]
    assert isinstance(block, HtmlBlock)
    assert block.html.startswith('<pre class="code" tabindex="0"><code class="hl language-python">')
    assert '<span class="k">def</span>' in block.html
    assert "style=" not in block.html


def test_notes_have_their_kind_and_a_title(content: Path) -> None:
    notes = [block for block in blocks_of(content) if isinstance(block, NoteBlock)]
    assert [(note.kind, note.title, note.html) for note in notes] == [
        ("exam", "The exam says, today's AWS says", "<p>Three tries.</p>"),
        ("misconception", "It runs three retries", "<p>Two.</p>"),
    ]


def test_a_check_knows_when_it_is_answered_right(content: Path) -> None:
    (question,) = load_course(content).topic("first").lesson("hand-over").checks
    assert [(option.id, option.html, option.right) for option in question.options] == [
        ("0", "Three", True),
        ("1", "One", False),
    ]
    assert question.is_right({"0"})
    assert not question.is_right({"0", "1"})
    assert not question.is_right(set())


def test_html_in_a_lesson_stays_text(content: Path) -> None:
    spoil(content, LESSON, "The end.", '<script>alert(1)</script> [x](javascript:alert(1)) <b onclick="x">y</b>')
    block = blocks_of(content)[-1]
    assert isinstance(block, HtmlBlock)
    assert "<script" not in block.html
    assert "<b " not in block.html
    assert 'href="javascript' not in block.html
