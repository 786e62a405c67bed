"""axe-core in a browser page: what people with a screen reader, a keyboard or weak eyes stumble over.

It sees text, roles, names, order and contrast of elements. It cannot see what is drawn on a canvas: names and colours of the map, and of
charts, are looked at by people (and by the tests of colours in ``tests/layers``).
"""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

REFUSED = ("serious", "critical")
"""Impacts of findings that fail a test; “minor” and “moderate” are advice."""
_MOST_TOLD = 5
_RUN = """async ([within, without]) => {
  const context = { include: [within], ...(without.length ? { exclude: without.map((one) => [one]) } : {}) };
  const found = await axe.run(context, { resultTypes: ["violations"], elementRef: false });
  return found.violations.map(({ id, impact, help, nodes }) => ({
    id, impact, help, nodes: nodes.map(({ target, html, failureSummary }) => ({ target, html, failureSummary })),
  }));
}"""


def find_barriers(page: Page, within: str = "html", without: tuple[str, ...] = ()) -> list[str]:
    """What axe-core holds against a page as it is now, in words: one text for each rule that is broken, its places below it.

    Args:
        page: that has come to rest; colours that still fade in are judged as they are at this moment.
        within: selector of the part that is looked at.
        without: selectors of parts that are left out, each of which needs a reason where it is named.
    """
    # Evaluated from here, which the page's policy does not forbid, unlike a script that is added to it.
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(_RUN, [within, list(without)])
    return [_tell(one) for one in found if one["impact"] in REFUSED]


def assert_no_barriers(page: Page, where: str, within: str = "html", without: tuple[str, ...] = ()) -> None:
    """Fail with everything serious or critical that axe-core finds; ``where`` names the page and its state in the message."""
    found = find_barriers(page, within, without)
    assert not found, "\n".join((f"{where}: {len(found)} barriers", *found))


def _tell(rule: dict[str, Any]) -> str:
    nodes = rule["nodes"]
    told = [f"{rule['id']} ({rule['impact']}): {rule['help']}"]
    for node in nodes[:_MOST_TOLD]:
        why = " ".join(node["failureSummary"].split())
        told.append(f"    {' '.join(map(str, node['target']))}\n        {node['html'][:200]}\n        {why[:300]}")
    if len(nodes) > _MOST_TOLD:
        told.append(f"    and {len(nodes) - _MOST_TOLD} more")
    return "\n".join(told)
