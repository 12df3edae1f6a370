"""A take whose judging failed is judged again; a verdict that came too late is fetched all the same."""

from pathlib import Path

import grpc
import pytest

from signaling.judging import VERDICT_FILE
from tests.contract.signaling_stage import PERSONAS, Stage, problem, signaling_stage, until

REFUSED = grpc.StatusCode.FAILED_PRECONDITION


async def status(stage: Stage, session_id: str, token: dict[str, str]) -> dict[str, object]:
    async with stage.api.get(f"/api/session/{session_id}/analysis-status", headers=token) as reply:
        assert reply.status == 200
        found: dict[str, object] = await reply.json()
        return found


async def analyze(stage: Stage, session_id: str, token: dict[str, str]) -> tuple[int, dict[str, str]]:
    async with stage.api.post(f"/api/session/{session_id}/analyze", headers=token) as reply:
        return reply.status, await reply.json()


async def test_a_take_whose_judging_failed_is_judged_again_as_a_new_attempt(stage: Stage) -> None:
    stage.jury.refusals = [REFUSED, REFUSED]
    session_id, token = await stage.sing(for_children=True)
    for attempt in (0, 1):
        assert (await stage.until_over(session_id, token))[-1][1]["code"] == "judge-failed"
        failed = await status(stage, session_id, token)
        assert (failed["state"], failed["attempt"], failed["stage"]) == ("failed", attempt, None)
        assert failed["error"] == {"code": "judge-failed", "detail": "the jury refused this take: as the test wanted"}
        assert await analyze(stage, session_id, token) == (202, {"state": "judging"})
    events = await stage.until_over(session_id, token)
    assert events[-1][0] == "verdict"
    assert [data["persona"] for name, data in events if name == "juror"] == list(PERSONAS)
    assert [(asked.attempt, asked.for_children) for asked in stage.jury.asked] == [(0, True), (1, True), (2, True)]
    assert await analyze(stage, session_id, token) == (202, {"state": "done"})
    assert len(stage.jury.asked) == 3


async def test_a_take_that_is_gone_when_it_is_judged_again_was_deleted_and_not_silent(embedded_stage: Stage) -> None:
    embedded_stage.jury.refusals = [REFUSED, grpc.StatusCode.NOT_FOUND]
    session_id, token = await embedded_stage.sing()
    assert (await embedded_stage.until_over(session_id, token))[-1][1]["code"] == "judge-failed"
    assert await analyze(embedded_stage, session_id, token) == (202, {"state": "judging"})
    assert (await embedded_stage.until_over(session_id, token))[-1][1]["code"] == "take-deleted"
    assert (await embedded_stage.state(session_id, token))["state"] == "failed"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "the jury took no take in: as the test wanted."),
        (grpc.StatusCode.UNAVAILABLE, "the jury did not answer for 0 s."),
    ],
)
async def test_a_house_that_stays_full_is_told_from_one_that_is_away(
    tmp_path: Path, code: grpc.StatusCode, told: str
) -> None:
    async with signaling_stage(tmp_path, "", "", judge_patience_s=0.3) as stage:
        stage.jury.refusals = [code] * 20
        session_id, token = await stage.sing()
        assert (await stage.until_over(session_id, token))[-1][1]["detail"] == told


async def test_a_connected_take_can_be_judged_now(embedded_stage: Stage) -> None:
    session_id, token = await embedded_stage.start()
    await embedded_stage.offer(session_id, token)
    embedded_stage.jury.go.clear()
    assert await analyze(embedded_stage, session_id, token) == (202, {"state": "judging"})

    async def scored() -> bool:
        return (await status(embedded_stage, session_id, token))["stage"] == "score"

    await until(scored)
    now = await status(embedded_stage, session_id, token)
    assert (now["state"], now["fraction"], now["left_s"], now["error"]) == ("judging", 0.75, 4.5, None)
    assert await analyze(embedded_stage, session_id, token) == (202, {"state": "judging"})
    embedded_stage.jury.go.set()
    assert (await embedded_stage.until_over(session_id, token))[-1][0] == "verdict"
    assert len(embedded_stage.jury.asked) == 1


async def test_the_scores_are_told_before_the_jury_and_once(embedded_stage: Stage) -> None:
    embedded_stage.jury.breaks = 1  # it tells its scores twice
    session_id, token = await embedded_stage.sing()
    events = await embedded_stage.until_over(session_id, token)
    names = [name for name, _ in events if name not in ("state", "progress")]
    assert names == ["scores", "juror", "juror", "juror", "verdict"]
    scores = next(data for name, data in events if name == "scores")
    assert (scores["total"], scores["jury"]) == (72.5, [])


async def test_what_was_not_sung_cannot_be_judged(embedded_stage: Stage) -> None:
    session_id, token = await embedded_stage.start()
    reply = await embedded_stage.api.post(f"/api/session/{session_id}/analyze", headers=token)
    assert await problem(reply) == (409, "not-ready")
    await embedded_stage.api.post(f"/api/session/{session_id}/end", headers=token)
    reply = await embedded_stage.api.post(f"/api/session/{session_id}/analyze", headers=token)
    assert await problem(reply) == (409, "no-take")
    _, foreign = await embedded_stage.start()
    for method, leaf in (("POST", "analyze"), ("GET", "analysis-status")):
        reply = await embedded_stage.api.request(method, f"/api/session/{session_id}/{leaf}", headers=foreign)
        assert await problem(reply) == (403, "foreign-session")


async def test_a_verdict_that_came_after_signaling_gave_up_is_fetched_at_the_next_start(stage: Stage) -> None:
    stage.jury.refusals = [REFUSED]
    late_id, late_token = await stage.sing()
    await stage.until_over(late_id, late_token)
    stage.jury.refusals = [REFUSED]
    lost_id, lost_token = await stage.sing()
    await stage.until_over(lost_id, lost_token)
    folder = stage.settings.takes_dir / late_id
    folder.mkdir(parents=True)
    (folder / VERDICT_FILE).write_bytes(b"the job has left it here")
    await stage.again()

    async def done() -> bool:
        return bool((await stage.state(late_id, late_token))["state"] == "done")

    await until(done)
    assert (await stage.state(lost_id, lost_token))["state"] == "failed"
    assert [asked.attempt for asked in stage.jury.asked if asked.session_id == late_id] == [0, 0]
