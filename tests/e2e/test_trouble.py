"""When a script fails, or is of another version than the page, the page says so in one sentence and stays readable."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.site import Site

LESSON = "/topics/asynchronous-invocations/lessons/when-it-fails/"


@pytest.fixture
def page(site: Site, browser: Browser, sign_in_state: Callable[[str], dict[str, object]]) -> Iterator[Page]:
    """A page of Ada's on which scripts may fail."""
    context = browser.new_context(base_url=site.url, storage_state=sign_in_state("ada"), reduced_motion="reduce")
    found = context.new_page()
    found.set_default_timeout(20_000)
    found.goto(LESSON)
    expect(found.locator("figure.live").first).to_be_visible(timeout=60_000)  # the figure has been played
    expect(found.locator("#page-trouble")).to_be_hidden()
    yield found
    context.close()


def changed(page: Page, old: str, new: str) -> None:
    """From now on the lesson's page comes with another text in one place."""

    def change(route: Route) -> None:
        answer = route.fetch()
        text, count = re.subn(old, new, answer.text(), count=1)
        assert count
        route.fulfill(response=answer, body=text)

    page.route(re.compile(re.escape(LESSON) + "$"), change)


def test_a_run_that_cannot_be_drawn_says_so_and_its_table_stays(page: Page) -> None:
    changed(page, r'"kind": "err"', '"kind": "of-a-later-version"')
    page.goto(LESSON)
    figure = page.locator("figure.failed").first
    expect(figure.get_by_role("alert")).to_contain_text("This run cannot be drawn here: ")
    expect(figure.get_by_role("alert")).to_contain_text("The table has all of it.")
    expect(figure.locator("table").first).to_be_visible()
    expect(page.locator("#page-trouble")).to_be_hidden()


def test_scripts_of_another_version_than_the_page_are_told(page: Page) -> None:
    changed(page, r'name="lambdalab-stamp" content="\w+"', 'name="lambdalab-stamp" content="later"')
    page.goto(LESSON)
    expect(page.locator("#page-trouble")).to_contain_text("The scripts of this page are of another version")
    expect(page.locator("#page-trouble")).to_contain_text("make build")


def test_a_script_that_does_not_arrive_leaves_the_page_as_without_javascript(page: Page) -> None:
    page.route(re.compile(r"/lesson(\.\w+)?\.js$"), lambda route: route.abort())
    page.goto(LESSON)
    expect(page.locator("#page-trouble")).to_contain_text("A script of this page has failed: /static/lesson")
    expect(page.locator("figure table").first).to_be_visible()


def test_a_script_that_fails_later_says_so(page: Page) -> None:
    page.evaluate("setTimeout(() => { throw new Error('no lane of that name') })")
    expect(page.locator("#page-trouble")).to_contain_text("A script of this page has failed: no lane of that name.")
    page.goto(LESSON)
    page.evaluate("setTimeout(() => Promise.reject(new Error('no answer')))")
    expect(page.locator("#page-trouble")).to_contain_text("A script of this page has failed: no answer.")
