"""One short take judged for nobody: everything is loaded and compiled before the first singer waits for it."""

import numpy as np
from voicejury.v1 import song_pb2

from inference.analysis.judging import SAMPLE_RATE_HZ, JudgeTools, judge, sung_file
from inference.analysis.jury.panel import jurors
from inference.audio.bleed.echo_filter import compile_filter
from inference.domain.rules import Level, rules_for

A4_HZ, A4_MIDI = 440.0, 69
MIDIS = (60, 64, 62)
NOTE_S = 0.5


_warm: set[str] = set()  # the estimators that have judged


def warm_up(tools: JudgeTools) -> None:
    """Once per estimator and process; words are left out, a recogniser loads when it is first needed."""
    if tools.estimator.name in _warm:
        return
    silent = JudgeTools(tools.estimator, None, "not looked for")
    verdict = judge(sung_file(_sound()), _song(), silent, rules_for(Level.NORMAL), lambda _stage, _fraction: None)
    jurors(verdict, "fr")
    compile_filter()
    _warm.add(tools.estimator.name)


def _song() -> song_pb2.Song:
    notes = [
        song_pb2.Note(onset_s=NOTE_S * i, offset_s=NOTE_S * (i + 1), midi=midi, syllable="la", starts_word=True)
        for i, midi in enumerate(MIDIS)
    ]
    phrase = song_pb2.Phrase(onset_s=0.0, offset_s=NOTE_S * len(MIDIS), notes=notes, text="la la la")
    reference = song_pb2.Reference(melody=song_pb2.Melody(phrases=[phrase]))
    return song_pb2.Song(title="warm-up", voices=[song_pb2.Voice(name="P1", reference=reference)])


def _sound() -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """The song as sawtooth waves."""
    f0_hz = np.repeat([A4_HZ * 2 ** ((midi - A4_MIDI) / 12) for midi in MIDIS], round(NOTE_S * SAMPLE_RATE_HZ))
    return (0.5 * (np.cumsum(f0_hz / SAMPLE_RATE_HZ) % 1.0) - 0.25).astype(np.float32)
