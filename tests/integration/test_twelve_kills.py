"""Twelve takes over real WebRTC, each with a kill -9 of something: twelve verdicts, none twice, none lost."""

from pathlib import Path

import pytest

from tests.support.chaos import SINGING, TARGETS, Kill, chaos_house, prepared, problems_of, sing_all
from tests.support.short_song import TEN_SECONDS

LENGTH_S = 8.0
AT_STAGE = {  # who is killed while the take's job is where
    "signaling": "pitch",
    "media_server": "close",
    "live": "words",
    "analysis": "score",
    "postgres": "jury",
    "redis": "store",
}
KILLS = [kill for target in TARGETS for kill in (Kill(target, SINGING), Kill(target, AT_STAGE[target]))]


@pytest.mark.servers
@pytest.mark.timeout(1200)
async def test_whoever_is_killed_in_singing_or_judging_each_take_gets_its_verdict_once(tmp_path: Path) -> None:
    with chaos_house(tmp_path / "data") as chaos:
        pcm, song_id = prepared(TEN_SECONDS, tmp_path / "song", chaos.house, LENGTH_S)
        hits = await sing_all(chaos, pcm, song_id, KILLS)
        assert problems_of(hits, await chaos.verdicts()) == []
        assert len(hits) == 12
        met = {(hit.kill.target, hit.met) for hit in hits if hit.kill.phase != SINGING}
        assert len([stage for _, stage in met if stage not in ("done", "nothing")]) >= 4, met  # in mid-judging
