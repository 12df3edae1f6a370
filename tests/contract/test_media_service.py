"""MediaService over real gRPC with real aiortc peers on loopback."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.media import media_house, next_message, tone, until


async def test_a_sung_tone_reaches_the_spool_the_judge_and_the_phone(tmp_path: Path) -> None:
    async with media_house(tmp_path) as house:
        phone, reply = await house.call("s1", tone(1.0))
        assert not reply.resumed
        assert "useinbandfec=1" in reply.sdp
        await phone.sing()
        points = await next_message(phone, "pitch")
        assert points.points[0].f0_hz == pytest.approx(220.0)
        await phone.microphone.finished.wait()
        summary = await house.close("s1")
        assert summary.take_key == "s1/take.spool"
        assert summary.sample_count >= 16_000
        assert summary.gap_samples == 0
        kept = np.concatenate(
            [np.frombuffer(r.audio.pcm_s16le, "<i2") for r in house.records("s1") if r.HasField("audio")]
        )
        assert len(kept) == summary.sample_count
        assert np.abs(kept).max() > 5_000
        await until(lambda: house.judge.heard("end"))
        heard = b"".join(chunk.pcm_s16le for chunk in house.judge.heard("audio"))
        assert heard == kept.tobytes()
        assert house.judge.heard("start")[0].song.id == "test-song"
