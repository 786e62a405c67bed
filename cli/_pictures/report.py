"""A weekly report as it is read: whoever looks has it made for the picture, a preview that nobody else sees and that is kept for a day."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

VIEW = {"kind": "weekly", "period": "2026-W47", "lang": "zh", "theme": "light"}
IS_WHOLE = """(() => {
  const pictures = [...document.querySelectorAll('.report-paper img')];
  return pictures.length > 0 && pictures.every((one) => one.complete) && document.fonts.status === 'loaded';
})()"""


def open_report(page: "Page", patience_ms: float) -> None:
    """From the page on which it is chosen to the report itself, without the line that says when it was made."""
    page.click(".report-make:enabled", timeout=patience_ms)
    page.wait_for_selector(".report-paper", timeout=patience_ms)
    page.add_style_tag(content=".report-tools { visibility: hidden; }")
    page.evaluate("scrollTo(0, document.querySelector('.report-paper').getBoundingClientRect().top + scrollY - 64)")
