"""The figures of a run as tables in the documents, each between its own markers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from inference.domain.rules import RULES_VERSION
from tests.accuracy.claims import Claim
from tests.bench.fairness_traps import Row
from tests.bench.figures import machine

LAW_NAMES = {
    1: "Identity",
    2: "Nothing is nothing",
    3: "Chance is zero",
    4: "Monotone",
    5: "Octave and key",
    6: "Latency and tempo",
    7: "Coverage",
    8: "Independence",
    9: "Vibrato, glides, consonants",
    10: "The channel is not the singer",
    11: "Live is final",
    12: "Same take, same score",
    13: "Explained",
}
LAWS = ("<!-- laws -->", "<!-- /laws -->")
FAIRNESS = ("<!-- fairness begins -->", "<!-- fairness ends -->")


@dataclass(frozen=True, slots=True)
class Measured:
    """A claim and what this run found."""

    claim: Claim
    value: float
    error: str = ""  # why it could not be measured

    @property
    def verdict(self) -> str:
        if self.error:
            return f"not measured: {self.error}"
        return "pass" if self.claim.holds(self.value) else "FAIL"

    @property
    def cells(self) -> tuple[str, str, str, str]:
        figure = "" if self.error else f"{self.value + 0.0:.1f} {self.claim.unit}"
        return self.claim.text, figure, f"{self.claim.wanted} {self.claim.unit}", self.verdict


@dataclass(frozen=True, slots=True)
class Remark:
    """A figure without a limit."""

    text: str
    value: str


def laws_block(found: list[Measured]) -> str:
    """A line for each law: how many of its claims hold; then each claim."""
    lines = [_head(), "", "| law | claims that hold |", "| --- | --- |"]
    for law, name in LAW_NAMES.items():
        mine = [measured for measured in found if measured.claim.law == law]
        held = sum(measured.verdict == "pass" for measured in mine)
        lines.append(f"| {law}. {name} | {held} of {len(mine)} |")
    lines += ["", "| law | figure | measured | wanted | |", "| --- | --- | --- | --- | --- |"]
    ordered = sorted(found, key=lambda measured: measured.claim.law)
    lines += [f"| {measured.claim.law} | " + " | ".join(measured.cells) + " |" for measured in ordered]
    return "\n".join(lines)


def fairness_block(rows: list[Row], remarks: Iterable[Remark], found: list[Measured]) -> str:
    """The traps by three judges, then what has no limit, then how many claims hold."""
    lines = [
        _head(),
        "",
        "| case | fastdtw on Hz | fastdtw on centred cents | our pitch | our rhythm | our pitch, key fixed |",
        "| --- | --- | --- | --- | --- | --- |",
        *(
            f"| {r.case} | {r.hz:.0f} | {r.cents:.0f} | {r.pitch:.1f} | {r.rhythm:.1f} | {r.pitch_in_key:.1f} |"
            for r in rows
        ),
        "",
        "| figure | |",
        "| --- | --- |",
        *(f"| {remark.text} | {remark.value} |" for remark in remarks),
        f"| claims of the laws that hold (each in `docs/scoring.md`) | {_held(found)} |",
        *(f"| FAIL, law {m.claim.law}: {m.claim.text} | {m.cells[1]}, wanted {m.cells[2]} |" for m in _failed(found)),
    ]
    return "\n".join(lines)


def _held(found: list[Measured]) -> str:
    return f"{sum(measured.verdict == 'pass' for measured in found)} of {len(found)}"


def _failed(found: list[Measured]) -> list[Measured]:
    return [measured for measured in found if measured.verdict != "pass"]


def _head() -> str:
    return f"Last run: {datetime.now(UTC):%Y-%m-%d}, rules {RULES_VERSION}, {machine()}; by `make fairness`."


def write_between(page: Path, markers: tuple[str, str], block: str) -> None:
    """Replaces what the last run left between the markers. Raises ValueError where the page has none."""
    begin, end = markers
    before, rest = page.read_text(encoding="utf-8").split(begin)
    page.write_text(f"{before}{begin}\n{block}\n{end}{rest.split(end)[1]}", encoding="utf-8")
