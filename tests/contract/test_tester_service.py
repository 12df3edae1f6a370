"""TesterService over real gRPC: files in; pitch, alignment or a verdict out; a reason for whatever is refused."""

import io

import grpc
import numpy as np
import pytest
import soundfile
from voicejury.v1 import tester_pb2, tester_pb2_grpc

from tests.contract.test_analysis_service import MIDIS, RATE_HZ, channel, metadata, song, sung

__all__ = ["channel"]
LATE_S = 0.2


def wav(sound: np.ndarray[tuple[int], np.dtype[np.float32]]) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, sound, RATE_HZ, format="WAV")
    return file.getvalue()


async def test_a_late_take_in_another_key_is_placed_on_its_song(channel: grpc.aio.Channel) -> None:
    late = np.concatenate([np.zeros(round(LATE_S * RATE_HZ), np.float32), sung(2.0)])
    request = tester_pb2.AlignRequest(audio_file=wav(late), song=song())
    found = await tester_pb2_grpc.TesterServiceStub(channel).Align(request, metadata=metadata(), timeout=60)
    assert found.key_shift_semitones == 2
    assert found.latency_s == pytest.approx(LATE_S, abs=0.05)  # a window hears an onset before its centre
    assert [onset.written_s for onset in found.onsets] == [0.5 + number for number in range(len(MIDIS))]
    assert [onset.sung_s for onset in found.onsets] == pytest.approx([0.5, 1.5, 2.5, 3.5], abs=0.05)
    assert found.cost_semitones < 0.3
    assert max(map(abs, found.path_frames)) <= 5
