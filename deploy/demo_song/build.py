"""Writes the demo song's folder: song.json, the backing, the guide voice, the cover. The same bytes every time."""

from pathlib import Path

import numpy as np
import soundfile
from google.protobuf.json_format import MessageToJson

from deploy.demo_song.backing import render_backing
from deploy.demo_song.cover import cover_svg
from deploy.demo_song.score import AUDIO_KEY, COVER_KEY, DURATION_S, GUIDE_KEY, build_song, sung_lines
from deploy.demo_song.voice import render_guide

SAMPLE_RATE_HZ = 32_000
SEED = 1743  # the tune is first attested in the eighteenth century


def build_demo_song(folder: Path) -> None:
    """song.json is written last: a folder that has it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = sung_lines()
    backing = render_backing(lines, DURATION_S, SAMPLE_RATE_HZ, np.random.default_rng(SEED))
    guide = render_guide(lines, DURATION_S, SAMPLE_RATE_HZ, np.random.default_rng(SEED + 1))
    soundfile.write(folder / AUDIO_KEY, backing.T, SAMPLE_RATE_HZ, subtype="PCM_16", format="FLAC")
    soundfile.write(folder / GUIDE_KEY, guide, SAMPLE_RATE_HZ, subtype="PCM_16", format="FLAC")
    (folder / COVER_KEY).write_text(cover_svg(), encoding="utf-8")
    document = MessageToJson(build_song(), preserving_proto_field_name=True, ensure_ascii=False, indent=1)
    (folder / "song.json").write_text(document + "\n", encoding="utf-8")
