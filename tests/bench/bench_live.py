"""`make bench-live`: the figures of the live chain, in one run of less than six minutes, kept in docs/benchmarks.md."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

from tests.bench.figures import Figure, Report, print_report, write_report
from tests.bench.headless_singers import measure_beside_a_judgement, measure_eight
from tests.bench.live_chain import latency_figures, measure_demo_take, measure_latency, measure_sweeps
from tests.support.chromium import chromium_path
from tests.support.house import House, running_house
from tests.support.page_build import ensure_page
from tests.support.places import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
FILES_OF_A_RUN = "voicejury-bench-"


def both_receivers(playwright: Playwright, house: House, folder: Path) -> list[Figure]:
    """The same measurement behind the tap and behind aiortc's own jitter buffer."""
    tap_ms = measure_latency(playwright, house, "tap")
    with running_house(folder / "plain", {"VOICEJURY_RECEIVER": "aiortc"}) as plain:
        plain_ms = measure_latency(playwright, plain, "aiortc")
    return latency_figures(tap_ms, plain_ms)


def measure(report: Report, folder: Path) -> None:
    with sync_playwright() as playwright, running_house(folder / "house") as house:
        report.section("sound to overlay", lambda: both_receivers(playwright, house, folder))
        report.section("sweeps over a link that loses", lambda: measure_sweeps(playwright, house))
        report.section("the demo song", lambda: measure_demo_take(playwright, house, folder))
        report.section("eight singers", lambda: measure_eight(house, folder))
        report.section("beside a judgement", lambda: measure_beside_a_judgement(house, folder))


def main() -> int:
    if chromium_path() is None:
        print("bench-live needs Chromium: make setup-system", file=sys.stderr)
        return 1
    ensure_page()
    report = Report()
    with tempfile.TemporaryDirectory(prefix=FILES_OF_A_RUN) as folder:
        measure(report, Path(folder))
    print_report(report)
    write_report(report, PAGE)
    return 0 if report.passes else 1


if __name__ == "__main__":
    sys.exit(main())
