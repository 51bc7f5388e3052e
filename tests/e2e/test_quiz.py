from collections.abc import Callable

from playwright.sync_api import Page, expect

QUIZ = "/topics/asynchronous-invocations/quiz/"
Visit = Callable[..., Page]


def answer_something(page: Page) -> None:
    """Give any answer to the question on the page, whatever its kind."""
    form = page.locator("#answer")
    for menu in form.locator("select:visible").all():
        menu.select_option(index=1)
    if form.locator(".options input").count():
        form.locator(".options input").first.check()
    if form.locator("input.input").count():
        form.locator("input.input").fill("3")


def test_a_quiz_explains_each_answer_and_ends_with_a_review(visit: Visit) -> None:
    page = visit("ada")
    page.goto(QUIZ)
    page.locator("#start").click()
    for _each in range(40):
        answer_something(page)
        page.locator("#answer #go").click()
        expect(page.locator(".verdict-line").first).to_be_visible()
        go = page.locator("#go")
        is_last = go.inner_text() == "See your result"
        go.click()
        if is_last:
            break
        expect(page.locator("#answer")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("right at first")
    expect(page.locator("#answers .question").first).to_be_visible()


def test_an_answer_is_kept_when_the_page_is_left(visit: Visit) -> None:
    page = visit("katherine")
    page.goto(QUIZ)
    page.locator("#start").click()
    choices = page.locator(".options input")
    if not choices.count():
        return  # the first question of this draw is of another kind
    choices.nth(1).check()
    expect(page.locator("#saved")).to_contain_text("saved")
    page.reload()
    expect(page.locator(".options input").nth(1)).to_be_checked()
