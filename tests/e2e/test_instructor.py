import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

Visit = Callable[..., Page]


def test_an_instructor_copies_a_question_edits_it_and_sees_the_preview(visit: Visit) -> None:
    page = visit("grace")
    page.goto("/banks/")
    page.get_by_role("main").get_by_role("link").first.click()
    page.locator("table.grid tbody a").first.click()
    page.get_by_role("button", name="Copy it into my bank and edit").click()
    editor = page.locator("#editor")
    prompt = editor.locator("textarea").first
    prompt.fill("How many **attempts** does this event get?")
    expect(page.locator("#preview")).to_contain_text("How many attempts does this event get?")
    page.get_by_role("button", name="Save as a draft").last.click()
    expect(page.locator(".messages")).to_be_visible()
    expect(page.locator("#editor textarea").first).to_have_value(re.compile("attempts"))


def test_an_instructor_sees_their_class_and_its_progress(visit: Visit) -> None:
    page = visit("grace")
    page.goto("/classes/")
    page.get_by_role("link", name="Demo class").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Demo class")
    expect(page.get_by_role("main")).to_contain_text("Ada")


def test_a_student_finds_no_pages_for_teaching(visit: Visit) -> None:
    page = visit("ada")
    page.goto("/")
    page.locator("#account-menu summary").click()
    expect(page.get_by_role("link", name="Question banks")).to_have_count(0)
