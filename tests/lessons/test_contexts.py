from dataclasses import replace
from pathlib import Path

from lambdalab.curriculum import HtmlBlock, load_course
from lambdalab.lessons.contexts import lesson_page


def test_headings_get_addresses_of_their_own(content: Path) -> None:
    course = load_course(content)
    topic = course.topic("first")
    html = "<h2>The queue</h2><p>…</p><h2>The <code>queue</code></h2>"
    lesson = replace(topic.lessons[0], blocks=(HtmlBlock(html),))
    page = lesson_page(course, replace(topic, lessons=(lesson,)), lesson, players={}, is_read=False, answers={})
    assert [(heading.id, heading.text) for heading in page.headings] == [
        ("the-queue", "The queue"),
        ("the-queue-2", "The queue"),
    ]
    assert '<h2 id="the-queue-2">The <code>queue</code></h2>' in page.blocks[0].value.html
