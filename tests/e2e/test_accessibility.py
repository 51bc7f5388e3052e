"""axe on every page, in both themes, wide and narrow; and on the states of a lab."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import violations

TOPIC = "/topics/asynchronous-invocations/"
LAB = f"{TOPIC}labs/retry-and-dead-letter-queue/"
Visit = Callable[..., Page]
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll('main *')].filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 5).map((each) => each.outerHTML.slice(0, 120))"""

OPEN = ("/sign-in/", "/sign-up/", "/password-reset/")
LEARNING = (
    "/",
    TOPIC,
    f"{TOPIC}lessons/hand-over-and-go/",
    f"{TOPIC}lessons/when-it-fails/",
    f"{TOPIC}lessons/throttles-are-different/",
    LAB,
    f"{TOPIC}labs/charge-once/",
    f"{TOPIC}labs/six-hours-of-throttling/",
    f"{TOPIC}quiz/",
    "/glossary/",
    "/assumptions/",
    "/account/",
    "/account/password/",
    "/account/delete/",
    "/classes/",
    "/nothing-here/",
)
TEACHING = ("/classes/", "/banks/")

both_themes = pytest.mark.parametrize("theme", ["light", "dark"])
wide_and_narrow = pytest.mark.parametrize("size", ["wide", "narrow"])


def settled(page: Page, url: str) -> Page:
    """The page with its figures played and its editor there."""
    page.goto(url)
    expect(page.locator(".figure-wait")).to_have_count(0, timeout=60_000)
    if page.locator("#lab-form").count() and page.locator("#code-pane").is_visible():
        expect(page.locator(".cm-content").first).to_be_visible()
    return page


@pytest.fixture
def checked(theme: str, size: str) -> Callable[[Page, str], None]:
    """Opens a page, asks axe, and looks that nothing scrolls sideways."""

    def check(page: Page, url: str) -> None:
        found = [f"{url}: {each}" for each in violations(settled(page, url))]
        found += [f"{url}: wider than the page: {each}" for each in page.evaluate(TOO_WIDE)]
        assert not found, "\n".join(found)

    return check


@both_themes
@wide_and_narrow
def test_pages_for_anybody(visit: Visit, checked: Callable[[Page, str], None], theme: str, size: str) -> None:
    page = visit(theme=theme, size=size)
    for url in OPEN:
        checked(page, url)


@both_themes
@wide_and_narrow
def test_pages_for_learning(visit: Visit, checked: Callable[[Page, str], None], theme: str, size: str) -> None:
    page = visit("ada", theme=theme, size=size)
    for url in LEARNING:
        checked(page, url)


@both_themes
@wide_and_narrow
def test_pages_for_teaching(visit: Visit, checked: Callable[[Page, str], None], theme: str, size: str) -> None:
    page = visit("grace", theme=theme, size=size)
    for url in TEACHING:
        checked(page, url)
    page.goto("/classes/")
    checked(page, page.get_by_role("link", name="Demo class").get_attribute("href") or "")
    page.goto("/banks/")
    checked(page, page.get_by_role("main").get_by_role("link").first.get_attribute("href") or "")
    checked(page, page.locator("table.grid tbody a").first.get_attribute("href") or "")


@both_themes
@wide_and_narrow
def test_every_tab_of_a_run(visit: Visit, theme: str, size: str) -> None:
    page = visit("katherine", theme=theme, size=size)
    settled(page, LAB)
    page.locator(".run-btn:visible").first.click()
    expect(page.locator("[role=tablist][aria-label='Run detail']")).to_be_visible(timeout=60_000)
    found = []
    for name in ("Logs", "Trace", "Metrics", "Bill", "Table"):
        page.get_by_role("tab", name=name).click()
        found += [f"{name}: {each}" for each in violations(page)]
    page.get_by_role("button", name="Go to start" if size == "wide" else "Previous event").click()
    found += [f"scrubbed: {each}" for each in violations(page)]
    page.locator("#help-btn").click()
    found += [f"help: {each}" for each in violations(page)]
    assert not found, "\n".join(found)


@both_themes
@wide_and_narrow
def test_a_quiz_question_before_and_after_its_check(visit: Visit, theme: str, size: str) -> None:
    page = visit("ada", theme=theme, size=size)
    page.goto(f"{TOPIC}quiz/")
    page.locator("#start").click()
    found = violations(page)
    if page.locator(".options input").count():
        page.locator(".options input").first.check()
        page.locator("#answer #go").click()
        expect(page.locator(".verdict-line")).to_be_visible()
        found += violations(page)
    assert not found, "\n".join(found)


@both_themes
@wide_and_narrow
def test_a_check_and_a_definition_in_a_lesson(visit: Visit, theme: str, size: str) -> None:
    page = settled(visit("ada", theme=theme, size=size), f"{TOPIC}lessons/when-it-fails/")
    page.locator(".term a").first.focus()
    expect(page.locator(".term-definition").first).to_be_visible()
    found = violations(page)
    check = page.locator("section.question").first
    check.get_by_label("Once").check()
    check.get_by_role("button", name=re.compile("Check")).click()
    expect(page.locator(".verdict-line")).to_be_visible()
    found += violations(page)
    assert not found, "\n".join(found)


def test_nothing_scrolls_sideways_at_320_pixels(visit: Visit) -> None:
    page = visit("ada", size="tiny")
    found = []
    for url in (*OPEN[1:], *LEARNING):
        settled(page, url)
        found += [f"{url}: {each}" for each in page.evaluate(TOO_WIDE)]
    assert not found, "\n".join(found)
