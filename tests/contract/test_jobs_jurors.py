"""The jurors' words of a job: another attempt at the same take does not take them away, nor does a power cut."""

from collections.abc import Callable
from pathlib import Path

import pytest
from voicejury.v1 import analysis_pb2

from inference.analysis.judging import JudgeTools
from inference.analysis.jury.personas import PERSONAS
from inference.jobs.engine import job_id_of
from inference.jobs.stages import Bench, Stage, TakeStages
from inference.jobs.takes import TakeStore
from inference.models.estimators import build_estimator
from tests.contract.test_analysis_service import song, sung, write_take

EVERY = [persona.id for persona in PERSONAS]
Attempt = Callable[[int], TakeStages]


@pytest.fixture
def takes(tmp_path: Path) -> TakeStore:
    write_take(tmp_path / "takes" / "s1", sung())
    return TakeStore((tmp_path / "takes").as_uri())


@pytest.fixture
def attempt(takes: TakeStore) -> Attempt:
    bench = Bench(takes, JudgeTools(build_estimator("tiny", 1), None, "not looked for"), None)

    def stages(number: int) -> TakeStages:
        request = analysis_pb2.JudgeRequest(
            session_id="s1", take_key="s1/take.spool", song=song(), language="fr", attempt=number
        )
        return TakeStages(job_id_of("s1", number), request, bench, lambda stage, fraction: None)

    return stages


def stored(takes: TakeStore) -> list[str]:
    verdict = takes.verdict("s1")
    assert verdict is not None
    return [juror.persona for juror in verdict.jury]


def test_a_second_attempt_between_jury_and_store_leaves_the_first_its_jurors(
    takes: TakeStore, attempt: Attempt
) -> None:
    first, second = attempt(0), attempt(1)
    first.run(Stage.JURY, "")
    second.run(Stage.JURY, "")
    first.run(Stage.STORE, "")
    assert stored(takes) == EVERY


@pytest.mark.parametrize("damage", ["bytes that never came", "gone"])
def test_a_juror_whose_words_were_lost_speaks_again(
    takes: TakeStore, attempt: Attempt, tmp_path: Path, damage: str
) -> None:
    attempt(0).run(Stage.JURY, "")
    lost = tmp_path / "takes" / "s1" / "work" / f"juror.0.{EVERY[1]}"
    if damage == "gone":
        lost.unlink()
    else:
        lost.write_bytes(lost.read_bytes()[:-1] + b"\x00")
    attempt(0).run(Stage.STORE, "")
    assert stored(takes) == EVERY
