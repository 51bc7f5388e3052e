"""Takes the README's picture: starts a site of its own, plays the first lab's exemplar, looks at the playground.

.venv/bin/python -m scripts.screenshot            writes docs/images/playground.png
.venv/bin/python -m scripts.screenshot FOLDER     writes lesson, lab and quiz at two widths in both themes
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.site import PROJECT, Site

TOPIC = "/topics/asynchronous-invocations/"
LAB = f"{TOPIC}labs/retry-and-dead-letter-queue/"
EXEMPLAR = (
    "lambdalab/content/topics/18-asynchronous-invocations/labs/retry-and-dead-letter-queue/exemplar/template.yaml"
)
SIZES = {"1440": (1440, 900), "390": (390, 844)}
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")


def main(arguments: list[str]) -> int:
    """Returns 0."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Site(Path(folder))
        arguments_of_root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*QUIET, *arguments_of_root])
        try:
            site.start()
            if arguments:
                _gallery(browser, site, Path(arguments[0]))
            else:
                _picture(browser, site, PROJECT / "docs" / "images" / "playground.png")
        finally:
            browser.close()
            site.stop()
    return 0


def _signed_in(browser: Browser, site: Site, theme: Literal["light", "dark"], size: tuple[int, int]) -> Page:
    context = browser.new_context(
        base_url=site.url, color_scheme=theme, viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto("/sign-in/")
    page.fill("[name=username]", "ada")
    page.fill("[name=password]", "virtual-time")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site.url}/")
    return page


def _run_exemplar(page: Page) -> None:
    """Post the exemplar's template as the student's draft, then run it like a form without script."""
    page.goto(LAB)
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    text = (PROJECT / EXEMPLAR).read_text()
    name = page.locator("textarea[name$='template.yaml']").first.get_attribute("name") or ""
    page.request.post(f"{LAB}run/", form={"csrfmiddlewaretoken": token, name: text}, headers={"Referer": page.url})
    page.goto(LAB)
    page.locator(".tl").wait_for(timeout=30_000)
    page.wait_for_load_state("networkidle")


def _picture(browser: Browser, site: Site, target: Path) -> None:
    page = _signed_in(browser, site, "light", SIZES["1440"])
    _run_exemplar(page)
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=target)


def _gallery(browser: Browser, site: Site, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    played = False
    themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for theme in themes:
        for width, size in SIZES.items():
            page = _signed_in(browser, site, theme, size)
            if not played:
                _run_exemplar(page)
                played = True
            for name, path in (("map", "/"), ("topic", TOPIC), ("lab", LAB), ("quiz", f"{TOPIC}quiz/")):
                page.goto(path)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=folder / f"{name}-{width}-{theme}.png", full_page=name != "lab")
            page.goto(TOPIC)
            page.locator("a[href*='/lessons/']").nth(1).click()
            page.wait_for_load_state("networkidle")
            page.screenshot(path=folder / f"lesson-{width}-{theme}.png", full_page=True)
            page.context.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
