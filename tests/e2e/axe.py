"""axe-core on the page as it stands."""

from typing import Any

from playwright.sync_api import Page

from tests.e2e.conftest import AXE

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = "async (tags) => (await axe.run(document, {runOnly: {type: 'tag', values: tags}})).violations"


def violations(page: Page) -> list[str]:
    """What axe finds wrong, a line for each element. Evaluated by the browser's debugger, so the CSP stays on."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(RUN, TAGS)
    return [f"{each['id']}: {node['target'][0]}: {node['failureSummary']}" for each in found for node in each["nodes"]]
