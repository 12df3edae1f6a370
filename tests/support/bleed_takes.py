"""vocadito_1 with Vibe Ace (Kevin MacLeod) from a loudspeaker in the microphone, and the judge that has that song."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
from voicejury.v1 import song_pb2, verdict_pb2

from inference.analysis.judging import JudgeTools, judge, sung_file
from inference.analysis.separating import Mode, Separation
from inference.audio.bleed.backings import Backings
from inference.audio.files import load_mono_16k
from inference.audio.framing import SAMPLE_RATE_HZ, Samples
from inference.models.estimators import build_estimator
from tests.accuracy.takes import FINAL, vocadito_sound
from tests.support.corpus import annotated_melody
from tests.support.rooms import Bleeding, bleeding
from tests.unit.recordings import recording
from tests.unit.synthetic_singers import RULES

BACKING = "mixtures/Kevin_MacLeod_-_Vibe_Ace.hq.ogg"
SONG_ID, AUDIO_KEY = "vibe-ace", "backing.wav"


@cache
def vibe_ace() -> Samples:
    return load_mono_16k(recording(BACKING))


@cache
def vocadito_with(bleed_db: float, changes: bool = True) -> Bleeding:
    return bleeding(vocadito_sound(), vibe_ace(), bleed_db, changes)


@dataclass(frozen=True, slots=True)
class SongHouse:
    """A folder with the song's sound, its notes, and the judge."""

    folder: Path

    def put(self, sound: Samples) -> None:
        (self.folder / SONG_ID).mkdir(parents=True, exist_ok=True)
        soundfile.write(self.folder / SONG_ID / AUDIO_KEY, sound, SAMPLE_RATE_HZ, subtype="FLOAT")

    @property
    def song(self) -> song_pb2.Song:
        return song_of(annotated_melody_message(), SONG_ID, AUDIO_KEY)

    def separation(self, mode: Mode = "auto") -> Separation:
        return Separation(mode, Backings(self.folder.as_uri()))

    def verdict(self, samples: Samples, mode: Mode = "auto") -> verdict_pb2.Verdict:
        tools = JudgeTools(build_estimator(FINAL), None, "no recogniser", self.separation(mode))
        return judge(sung_file(np.clip(samples, -1.0, 1.0)), self.song, tools, RULES)


def song_of(melody: song_pb2.Melody, song_id: str, audio_key: str) -> song_pb2.Song:
    voice = song_pb2.Voice(name="P1", reference=song_pb2.Reference(melody=melody))
    return song_pb2.Song(id=song_id, title="Vibe Ace", audio_key=audio_key, voices=[voice])


@cache
def annotated_melody_message() -> song_pb2.Melody:
    """What vocadito_1 sings, by its first annotator."""
    melody = annotated_melody(recording("pitch/vocadito_1/vocadito_1_notesA1.csv"))
    return song_pb2.Melody(
        phrases=[
            song_pb2.Phrase(
                onset_s=phrase.onset_s,
                offset_s=phrase.offset_s,
                notes=[song_pb2.Note(onset_s=n.onset_s, offset_s=n.offset_s, midi=n.midi) for n in phrase.notes],
            )
            for phrase in melody.phrases
        ]
    )
