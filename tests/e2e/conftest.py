"""Journeys in Debian's Chromium, against a site that is started once."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.e2e.site import PROJECT, Site

PASSWORD = "virtual-time"
CHROMIUM = Path("/usr/bin/chromium")
AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {
    "wide": {"width": 1440, "height": 900},
    "narrow": {"width": 390, "height": 844},
    "tiny": {"width": 320, "height": 640},
}

# The browser reports what a test or a left page cuts off; that is no mistake of a page.
ACCEPTED = ("net::ERR_ABORTED", "net::ERR_FAILED", "net::ERR_INTERNET_DISCONNECTED")
MISSING = "/nothing-here/"  # the address at which tests look at the 404 page


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e" in str(item.path):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    root = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses its own sandbox as root
    return {"executable_path": str(CHROMIUM), "args": root}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    assert (PROJECT / "static" / "build" / "app.css").exists(), "Build the front end first: npm run build"
    running = Site(tmp_path_factory.mktemp("site"))
    try:
        running.start()
        yield running
    finally:
        running.stop()
        print(running.log())


@pytest.fixture(scope="session")
def sign_in_state(site: Site, browser: Browser) -> Callable[[str], dict[str, object]]:
    """The cookies of somebody who has signed in through the form, once each."""
    states: dict[str, dict[str, object]] = {}

    def state(username: str) -> dict[str, object]:
        if username not in states:
            context = browser.new_context(base_url=site.url)
            page = context.new_page()
            page.goto("/sign-in/")
            page.fill("[name=username]", username)
            page.fill("[name=password]", PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(f"{site.url}/")
            states[username] = dict(context.storage_state())
            context.close()
        return states[username]

    return state


@pytest.fixture
def visit(
    site: Site, browser: Browser, sign_in_state: Callable[[str], dict[str, object]]
) -> Iterator[Callable[..., Page]]:
    """`visit("ada", theme="dark", size="narrow")` is a page; errors on its console fail the test."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        url = str(message.location.get("url"))
        if message.type == "error" and MISSING not in url and not any(noise in message.text for noise in ACCEPTED):
            troubles.append(f"{message.text} at {url}")

    def open_page(username: str = "", *, theme: str = "light", size: str = "wide", javascript: bool = True) -> Page:
        context = browser.new_context(
            base_url=site.url,
            viewport=SIZES[size],
            color_scheme=theme,
            reduced_motion="reduce",
            java_script_enabled=javascript,
            storage_state=sign_in_state(username) if username else None,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", hear)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not troubles, "\n".join(troubles)
