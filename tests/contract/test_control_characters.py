"""What no store can keep is refused before it is asked, alike on every store."""

from typing import Any

import pytest
from yarl import URL

from tests.contract.signaling_stage import Stage

PATHS = (
    "/api/lyrics/track/%00?title=x",
    "/api/lyrics/track/spotify:a%00b?title=x",
    "/api/lyrics/word-timestamps/%00",
    "/api/lyrics/word-timestamps/task/%00",
    "/api/results/history?song_id=%00",
    "/api/search/tracks?q=%00",
    "/api/search/tracks/%00",
    "/api/sources?track_id=upload:%00",
    "/api/songs/%00",
    "/api/session/%00/status",
    "/assets/%00",
)
ID = "upload:a\0b"
BODIES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("session/start", {"source": {"source_id": ID}}),
    ("session/start", {"source": {"source_id": "upload:a\nb"}}),
    ("session/start", {"source": {"url": "https://www.youtube.com/watch?v=\0"}}),
    ("session/start", {"song_id": "\0"}),
    ("session/start", {"track": {"id": "spotify:\0", "title": "x", "artist": "x"}}),
    ("session/fallback-source", {"session_id": "\0", "source_id": ID}),
    ("lyrics/word-timestamps/generate", {"track_id": ID}),
)


async def test_a_control_character_is_the_askers_mistake(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    for path in PATHS:
        reply = await stage.api.get(URL(path, encoded=True))
        assert 400 <= reply.status < 500, path
    for path, body in BODIES:
        reply = await stage.api.post(f"/api/{path}", json=body)
        assert 400 <= reply.status < 500, body
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
