import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

TOPIC = "/topics/asynchronous-invocations/"
LAB = f"{TOPIC}labs/charge-once/"
Visit = Callable[..., Page]


def test_a_lesson_its_figures_and_its_checks_can_be_read(visit: Visit) -> None:
    page = visit("ada", javascript=False)
    page.goto(f"{TOPIC}lessons/when-it-fails/")
    for _each in range(60):  # the figures are being played: without a script the reader reloads
        if page.locator(".figure-wait").count() == 0:
            break
        page.wait_for_timeout(1000)
        page.reload()
    figure = page.locator("figure.figure").first
    expect(figure.locator("table")).to_be_visible()
    expect(figure).to_contain_text("Error, attempt 3")
    check = page.locator("section.question").first
    check.get_by_label("Once").check()
    check.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict-line.right")).to_be_visible()


def test_a_lab_is_edited_run_and_shown_as_a_table(visit: Visit) -> None:
    page = visit("grace", javascript=False)
    page.goto(LAB)
    code = page.locator("textarea[name='file:src/app.py']")
    code.fill(code.input_value() + "# my own line\n")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("textarea[name='file:src/app.py']")).to_have_value(containing("# my own line"))
    page.locator("#run-btn").click()
    for _each in range(60):
        refresh = page.get_by_role("link", name="Refresh")
        if not refresh.count():
            break
        page.wait_for_timeout(500)
        refresh.click()
    expect(page.locator("#result-h")).to_contain_text("delivered twice")
    expect(page.locator("#result table").first).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("of 2 goals met")


def test_settings_are_written_by_a_form(visit: Visit) -> None:
    page = visit("katherine", javascript=False)
    page.goto(f"{TOPIC}labs/six-hours-of-throttling/")
    page.get_by_label("Memory, MB").fill("256")
    page.get_by_role("button", name="Write into template.yaml").click()
    expect(page.locator("textarea[name='file:template.yaml']")).to_have_value(containing("MemorySize: 256"))


def containing(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text))
