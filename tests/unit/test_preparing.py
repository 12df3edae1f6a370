"""What is measured on a voice: its key, its lines, how clean and how single it is. The truth is known to each."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mir_eval import transcription
from voicejury.v1 import song_pb2

from inference.analysis.preparing.confidence import notes_agreement, overall
from inference.analysis.preparing.key import key_of, span_of
from inference.analysis.preparing.lines import in_lines, timed_lines
from inference.analysis.preparing.melody import found_melody, heard_voice
from inference.analysis.preparing.pace import STAGES, Pace, Progress, Stopwatch
from inference.analysis.preparing.stages import PrepareTools, prepare
from inference.analysis.preparing.stem_quality import cleanness, one_voice
from inference.analysis.preparing.stems import Given
from inference.audio.framing import Samples
from inference.audio.recordings import mono_16k
from inference.domain.melody import Melody, Note, NoteKind, Phrase
from inference.domain.rules import Level, rules_for
from inference.domain.track import PitchTrack
from inference.errors import PrepareError
from inference.models.estimators import build_estimator
from inference.models.separator import Split, Stereo
from inference.models.tracking import track_pitch
from tests.support.mixtures import Mixture, vocadito_over_vibe_ace, write_wav
from tests.support.voice import Voice, sound_of
from tests.unit.recordings import recording

RULES = rules_for(Level.NORMAL)


def melody(*midis: float, length_s: float = 0.5) -> Melody:
    notes = [Note(length_s * n, length_s * (n + 1), midi, NoteKind.NORMAL, "la", True) for n, midi in enumerate(midis)]
    return Melody((Phrase(0.0, length_s * len(midis), tuple(notes), ""),))


@pytest.mark.parametrize("tonic", [0, 3, 7, 11])
def test_a_scale_has_the_key_of_its_tonic(tonic: int) -> None:
    names = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
    major = (60, 62, 64, 65, 67, 69, 71, 72, 67, 64, 60)
    minor = (60, 62, 63, 65, 67, 68, 67, 63, 62, 60, 60)
    assert key_of(melody(*(midi + tonic for midi in major))) == names[tonic]
    assert key_of(melody(*(midi + tonic for midi in minor))) == names[tonic] + "m"


def test_two_pitches_have_no_key() -> None:
    assert key_of(melody(60, 67, 60, 67)) == ""


def test_one_stray_note_is_no_part_of_the_range() -> None:
    steady = melody(*([60, 64, 67] * 50))
    phrase = steady.phrases[0]
    stray = Note(80.0, 80.1, 96.0, NoteKind.NORMAL, "", True)
    assert span_of(Melody((replace(phrase, notes=(*phrase.notes, stray)),))) == (60, 67)


def test_notes_fall_into_the_lines_that_are_timed() -> None:
    lines = [Phrase(1.0, 2.0, (), "first"), Phrase(2.0, 3.0, (), "second"), Phrase(9.0, 9.5, (), "third")]
    found = in_lines(melody(60, 62, 64, 65, 67, 69), timed_lines(Melody(tuple(lines))))
    assert [(phrase.text, len(phrase.notes)) for phrase in found.phrases] == [
        ("", 1),
        ("first", 2),
        ("second", 3),
        ("third", 0),
    ]


def test_lines_without_times_are_no_lines() -> None:
    assert timed_lines(Melody((Phrase(0.0, 0.0, (), "a"), Phrase(0.0, 0.0, (), "b")))) == []


@pytest.fixture(scope="module")
def voice_and_backing() -> tuple[Samples, Samples]:
    mixture = vocadito_over_vibe_ace()
    return mono_16k(mixture.vocals), mono_16k(mixture.backing)


@pytest.fixture(scope="module")
def sung(voice_and_backing: tuple[Samples, Samples]) -> PitchTrack:
    voice, _ = voice_and_backing
    return heard_voice(track_pitch(voice, np.ones(len(voice), np.bool_), build_estimator("tiny")))


@pytest.mark.parametrize("bleed_db", [-30, -20, -15, -10, -6, -3])
def test_the_bleed_in_a_stem_is_what_was_put_there(voice_and_backing: tuple[Samples, Samples], bleed_db: float) -> None:
    voice, backing = voice_and_backing
    gain = 10 ** (bleed_db / 20)
    truth = 1 - gain / np.sqrt(1 + gain**2)
    assert cleanness(voice + np.float32(gain) * backing, backing) == pytest.approx(truth, abs=0.06)


def test_a_clean_stem_is_clean_although_both_play_the_same_notes(voice_and_backing: tuple[Samples, Samples]) -> None:
    voice, backing = voice_and_backing
    assert (cleanness(voice, backing) or 0.0) > 0.95
    seconds = np.arange(10 * 16_000) / 16_000
    one = np.sin(2 * np.pi * 220 * seconds + np.cumsum(np.random.default_rng(0).standard_normal(len(seconds))) * 0.05)
    two = np.sin(2 * np.pi * 220 * seconds + np.cumsum(np.random.default_rng(1).standard_normal(len(seconds))) * 0.05)
    assert (cleanness(one.astype(np.float32), two.astype(np.float32)) or 0.0) > 0.8


def test_silence_has_no_cleanness() -> None:
    nothing = np.zeros(48_000, np.float32)
    assert cleanness(nothing, nothing) is None


def test_a_solo_voice_has_no_second_one(voice_and_backing: tuple[Samples, Samples], sung: PitchTrack) -> None:
    assert (one_voice(voice_and_backing[0], sung) or 0.0) > 0.95


@pytest.mark.parametrize("semitones", [4, -5])
def test_a_second_voice_is_heard_beside_the_melody(
    voice_and_backing: tuple[Samples, Samples], sung: PitchTrack, semitones: int
) -> None:
    voice, _ = voice_and_backing
    second = sound_of(replace(sung, f0_hz=sung.f0_hz * 2 ** (semitones / 12)), Voice(seed=3))[: len(voice)]
    second = np.pad(second, (0, len(voice) - len(second)))
    second *= np.sqrt(np.mean(voice**2) / np.mean(second**2))
    assert (one_voice(voice + second, sung) or 0.0) < 0.2
    assert (one_voice(voice + np.float32(0.5) * second, sung) or 0.0) < 0.5
    assert (one_voice(voice + np.float32(0.05) * second, sung) or 0.0) > 0.9


def test_the_range_of_a_recorded_voice_is_that_of_its_written_notes(sung: PitchTrack) -> None:
    found = found_melody(sung, Melody(()), RULES)
    rows = np.loadtxt(recording("pitch/vocadito_1/vocadito_1_notesA1.csv"), delimiter=",")
    written = 69 + 12 * np.log2(rows[:, 1] / 440)
    low, high = span_of(found) or (0.0, 0.0)
    assert low == pytest.approx(float(np.percentile(written, 1)), abs=1.5)
    assert high == pytest.approx(float(np.percentile(written, 99)), abs=1.5)


def test_noise_has_no_melody() -> None:
    noise = np.asarray(0.1 * np.random.default_rng(0).standard_normal(16_000 * 6), np.float32)
    track = heard_voice(track_pitch(noise, np.ones(len(noise), np.bool_), build_estimator("tiny")))
    with pytest.raises(PrepareError, match="nobody sings") as refused:
        found_melody(track, Melody(()), RULES)
    assert refused.value.code == "no-voice"


def test_notes_agree_with_a_voice_in_any_octave_and_a_little_late() -> None:
    written = melody(60, 64, 62, 67, 65, 60)
    hz = np.repeat([440 * 2 ** ((midi - 69 - 12) / 12) for midi in (60, 64, 62, 67, 65, 60)], 50)
    late = PitchTrack(0.15, 0.01, hz, np.ones(len(hz)), np.ones(len(hz), np.bool_), "true")
    assert (notes_agreement(written, late, RULES) or 0.0) > 0.95
    other = replace(late, f0_hz=hz * 2 ** (4 / 12))
    assert (notes_agreement(written, other, RULES) or 0.0) < 0.4


def test_one_bad_part_is_not_made_good_by_the_others() -> None:
    good = {"periodicity": 0.95, "bleed": 0.95, "one_voice": 0.95, "own_score": 0.95}
    assert overall(good) == pytest.approx(0.95)
    assert overall(good | {"bleed": 0.1}) < 0.55
    assert overall({}) == 0.0


def test_progress_rises_and_the_time_left_falls_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    told: list[Progress] = []
    pace = Pace()
    for _ in range(2):  # the second time it knows this machine
        told.clear()
        watch = Stopwatch(pace, frozenset(STAGES), told.append)
        watch.song_s = 200.0
        for stage, took_s in zip(STAGES, (1.0, 100.0, 20.0, 2.0, 2.0), strict=True):
            for step in range(11):
                watch.stage(stage, step / 10)
                now[0] += took_s / 10 if step < 10 else 0.0
        watch.finish()
    fractions = [progress.fraction for progress in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert told[12].left_s == pytest.approx(90 + 24, rel=0.1)  # a tenth of the separation is done
    assert told[-1].left_s == 0.0
    assert watch.times_s[STAGES[1]] == pytest.approx(100.0)


def run_through(pace: Pace, now: list[float], took_s: tuple[float, ...]) -> list[Progress]:
    """Eleven steps of each stage, on a clock of its own."""
    told: list[Progress] = []
    watch = Stopwatch(pace, frozenset(STAGES), told.append)
    watch.song_s = 200.0
    for stage, stage_s in zip(STAGES, took_s, strict=True):
        for step in range(11):
            watch.stage(stage, step / 10)
            now[0] += stage_s / 10 if step < 10 else 0.0
    watch.finish()
    return told


def test_a_time_left_is_told_from_real_measures_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    took_s = (2.0, 10.0, 4.0, 1.0, 1.0)  # a machine with a GPU: nothing like the first guess
    first = run_through(Pace(tmp_path / "pace.json"), now, took_s)
    assert [progress.left_s for progress in first[:12]] == [None] * 12  # how long the split takes is not known
    separating = [progress.left_s for progress in first[12:22]]
    assert all(left_s is not None for left_s in separating)  # segments done of all
    again = run_through(Pace(tmp_path / "pace.json"), now, took_s)  # another process
    assert again[0].left_s == pytest.approx(sum(took_s), rel=0.05)
    assert again[12].left_s == pytest.approx(9 + 6, rel=0.05)


def test_a_damaged_file_of_the_pace_is_left_aside(tmp_path: Path) -> None:
    path = tmp_path / "pace.json"
    for damaged in ("", "[1]", '{"PREPARE_STAGE_SEPARATE": -1}', '{"PREPARE_STAGE_SEPARATE": "x"}'):
        path.write_text(damaged)
        assert not Pace(path).is_measured(STAGES[1])


class KnownSplit:
    """A Separator that was told the answer: what stands behind the separation is judged, not the separation."""

    name = "known"

    def __init__(self, mixture: Mixture) -> None:
        self._mixture = mixture

    def missing(self) -> str:
        return ""

    def split(self, mix: Stereo, on_progress: Callable[[float], None]) -> Split:
        on_progress(1.0)
        return Split(self._mixture.vocals, mix - self._mixture.vocals)


def test_a_mix_becomes_the_notes_of_its_singer(tmp_path: Path) -> None:
    mixture = vocadito_over_vibe_ace(voice_over_backing_db=3.0)
    given = Given(original=write_wav(tmp_path / "mix.wav", mixture.mix))
    tools = PrepareTools(KnownSplit(mixture), lambda: build_estimator("auto"), Pace(), 60.0)
    (tmp_path / "made").mkdir()
    done = prepare(given, song_pb2.Song(title="Vocadito"), tmp_path / "made", tools, lambda _progress: None)
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == [
        "instrumental.flac",
        "vocals.flac",
    ]
    notes = [note for phrase in done.song.voices[0].reference.melody.phrases for note in phrase.notes]
    rows = np.loadtxt(recording("pitch/vocadito_1/vocadito_1_notesA1.csv"), delimiter=",")
    found = np.array([[note.onset_s, note.offset_s] for note in notes])
    written = np.stack([rows[:, 0], rows[:, 0] + rows[:, 2]], axis=1)
    found_hz = 440 * 2 ** ((np.array([note.midi for note in notes]) - 69) / 12)
    _, _, f_measure, _ = transcription.precision_recall_f1_overlap(
        written, rows[:, 1], found, found_hz, onset_tolerance=0.1, offset_ratio=None
    )
    assert f_measure > 0.7
    assert done.song.confidence.bleed > 0.9
    assert done.song.confidence.overall > 0.85
