"""One run's figures: what was measured, what was wanted, whether it holds; printed and kept as a table."""

import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """`target` is the most that passes, or the least where `at_least`; without one the figure is for information."""

    name: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = False
    baseline: float | None = None  # the same thing measured the plain way in the same run

    @property
    def passes(self) -> bool | None:
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    def cells(self) -> tuple[str, str, str, str, str]:
        sign = "≥" if self.at_least else "≤"
        target = "" if self.target is None else f"{sign} {self.target:g} {self.unit}"
        ratio = "" if not self.baseline else f"{self.value / self.baseline:.2f} of {self.baseline:.1f}"
        verdict = {None: "", True: "pass", False: "FAIL"}[self.passes]
        return self.name, f"{self.value:.1f} {self.unit}", target, ratio, verdict


@dataclass(slots=True)
class Report:
    figures: list[Figure] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def section(self, name: str, measure: Callable[[], list[Figure]]) -> None:
        """One broken measurement does not hide the others; it is reported and fails the run."""
        console = Console(stderr=True)
        console.print(f"measuring: {name} ...")
        try:
            self.figures += measure()
        except Exception as error:  # the report must come, whatever one measurement met
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            console.print(f"[red]{name}: {reason}")
            self.broken.append(f"{name}: {reason}")

    @property
    def passes(self) -> bool:
        return not self.broken and all(figure.passes is not False for figure in self.figures)


HEADINGS = ("figure", "measured", "target", "ratio to the baseline", "")


def machine() -> str:
    memory_gb = psutil.virtual_memory().total / 1e9
    return f"{psutil.cpu_count()} cores, {memory_gb:.0f} GB, {platform.system()} {platform.machine()}"


def print_report(report: Report) -> None:
    table = Table(*HEADINGS)
    for figure in report.figures:
        table.add_row(*figure.cells())
    Console().print(table)


def write_report(report: Report, path: Path, section: str = "bench-live") -> None:
    """Replaces what the last run left between the section's markers on the page."""
    begin, end = f"<!-- {section} begins -->", f"<!-- {section} ends -->"
    rows = ["| " + " | ".join(cells) + " |" for cells in (HEADINGS, ("---",) * 5, *(f.cells() for f in report.figures))]
    broken = [f"- not measured: {line}" for line in report.broken]
    head = f"Last run: {datetime.now(UTC):%Y-%m-%d}, {machine()}."
    block = "\n".join([begin, head, "", *rows, *broken, end])
    page = path.read_text(encoding="utf-8")
    before, rest = page.split(begin)
    path.write_text(before + block + rest.split(end)[1], encoding="utf-8")
