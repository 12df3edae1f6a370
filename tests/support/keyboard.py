"""A singer without a mouse."""

from playwright.sync_api import Page

MOST_TABS = 40


def tab_to(page: Page, test_id: str) -> None:
    """Raises AssertionError when the element cannot be reached, or its focus cannot be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.dataset.testid") == test_id:
            outline = page.evaluate(
                "(s => s.outlineStyle !== 'none' || s.boxShadow !== 'none')(getComputedStyle(document.activeElement))"
            )
            assert outline, f"the focus on {test_id} is invisible"
            return
    raise AssertionError(f"{test_id} cannot be reached by the Tab key")
