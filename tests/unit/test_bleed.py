"""The backing in the microphone: found, learned, taken out, and a voice that stays what it is."""

from functools import cache

import numpy as np
import pytest

from inference.audio.bleed.canceller import Canceller
from inference.audio.bleed.song_place import Line, SongPlace, lines_of
from inference.audio.clock import Anchor, SongClock
from inference.audio.framing import Flags, Samples
from inference.live.bleed import LiveCanceller
from tests.support.channel import SAMPLE_RATE_HZ, pink_noise
from tests.support.rooms import LATENCY_S, bleeding, sdr_db
from tests.unit.recordings import voice

SECONDS = 12.0
PACKET = 320


def clock(*anchors: Anchor) -> SongClock:
    told = SongClock()
    for anchor in anchors or (Anchor(0, 0.0, True),):
        told.add(anchor)
    return told


def rhythmic_noise(seconds: float = SECONDS, seed: int = 1) -> Samples:
    """A band that never repeats itself: pink noise in strokes."""
    length = round(seconds * SAMPLE_RATE_HZ)
    strokes = 0.3 + np.abs(np.sin(2 * np.pi * 1.7 * np.arange(length) / SAMPLE_RATE_HZ))
    return np.asarray(0.1 * strokes * pink_noise(length, seed), np.float32)


@cache
def singer() -> Samples:
    """Notes with rests between them."""
    time_s = np.arange(round(SECONDS * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    f0_hz = 220.0 * 2 ** (np.floor(time_s / 0.8) % 5 / 12) * (1 + 0.01 * np.sin(2 * np.pi * 5.5 * time_s))
    sings = (time_s % 2.4 < 1.9).astype(np.float64)
    loudness = np.convolve(sings, np.hanning(800) / np.hanning(800).sum(), "same")
    return np.asarray(voice(f0_hz, SECONDS, 0.1) * loudness, np.float32)


def cleaned(
    heard: Samples, song: Samples, told: SongClock | None = None, measured: Flags | None = None, cut: int = 0
) -> tuple[Samples, Canceller]:
    canceller, told = Canceller(song), told or clock()
    flags = np.ones(len(heard), np.bool_) if measured is None else measured
    step = cut or len(heard)
    pieces = [
        canceller.push(heard[first : first + step], flags[first : first + step], told, first + step >= len(heard))
        for first in range(0, len(heard), step)
    ]
    return np.concatenate([samples for samples, _ in pieces]), canceller


@pytest.mark.parametrize("bleed_db", [0.0, -10.0])
def test_the_backing_is_taken_out_though_the_room_changes(bleed_db: float) -> None:
    take = bleeding(singer(), rhythmic_noise(), bleed_db)
    voice_left, canceller = cleaned(take.heard, take.song)
    found = canceller.found()
    assert sdr_db(take.voice, voice_left) - sdr_db(take.voice, take.heard) >= 8.0
    assert found.bleed_db is not None
    assert abs(found.bleed_db - bleed_db) <= 2.0
    assert found.left_db is not None
    assert found.left_db <= bleed_db - 8.0


def test_the_way_from_the_loudspeaker_is_found_within_a_millisecond() -> None:
    for latency_s in (0.0, LATENCY_S, 0.35):
        take = bleeding(singer(), rhythmic_noise(), -6.0, changes=False, latency_s=latency_s)
        _, canceller = cleaned(take.heard, take.song)
        flight_s = 1.92 / 343.0  # from the loudspeaker to the singer
        assert canceller.delay_s is not None
        assert abs(canceller.delay_s - latency_s - flight_s) <= 0.001


def test_a_take_without_backing_stays_the_same_to_the_bit() -> None:
    for heard in (singer(), np.zeros(len(singer()), np.float32), 0.001 * rhythmic_noise(seed=9)):
        same, canceller = cleaned(heard, rhythmic_noise())
        assert np.array_equal(same, heard)
        assert canceller.found().cancelled_segments == 0


def test_a_backing_that_nobody_hears_stays_where_it_is() -> None:
    take = bleeding(singer(), rhythmic_noise(), -42.0)
    same, canceller = cleaned(take.heard, take.song)
    assert np.array_equal(same, take.heard)
    assert canceller.found().cancelled_segments == 0


def test_however_a_take_is_cut_what_is_left_of_it_is_the_same_to_the_bit() -> None:
    take = bleeding(singer(), rhythmic_noise(), -6.0)
    at_once, _ = cleaned(take.heard, take.song)
    for cut in (PACKET, 40_960, 7_777):
        in_pieces, canceller = cleaned(take.heard, take.song, cut=cut)
        assert np.array_equal(in_pieces, at_once)
        assert not canceller.is_stale


def test_what_was_not_measured_is_left_alone() -> None:
    take = bleeding(singer(), rhythmic_noise(), -6.0)
    measured = np.ones(len(take.heard), np.bool_)
    measured[70_000:76_000] = False
    heard = np.where(measured, take.heard, np.float32(0.0))
    voice_left, _ = cleaned(heard, take.song, measured=measured)
    assert not voice_left[70_000:76_000].any()
    assert sdr_db(take.voice[measured], voice_left[measured]) - sdr_db(take.voice, take.heard) >= 6.0


def test_a_pause_of_the_song_is_followed() -> None:
    """Three seconds without the song in the middle: the anchors say where it goes on."""
    song, pause = rhythmic_noise(), 3 * SAMPLE_RATE_HZ
    middle = len(song) // 2
    as_played = np.concatenate([song[:middle], np.zeros(pause, np.float32), song[middle:-pause]])
    take = bleeding(singer(), as_played, -6.0, changes=False)
    told = clock(
        Anchor(0, 0.0, True), Anchor(middle, 0.0, False), Anchor(middle + pause, middle / SAMPLE_RATE_HZ, True)
    )
    voice_left, _ = cleaned(take.heard, song, told)
    assert sdr_db(take.voice, voice_left) - sdr_db(take.voice, take.heard) >= 8.0


def test_a_clock_that_runs_a_little_fast_is_tracked() -> None:
    take = bleeding(singer(), rhythmic_noise(), -6.0, changes=False)
    places = np.arange(len(take.bleed)) * (1 + 20e-6)
    heard = take.voice + np.interp(places, np.arange(len(take.bleed)), take.bleed).astype(np.float32)
    voice_left, _ = cleaned(heard, take.song)
    assert sdr_db(take.voice, voice_left) - sdr_db(take.voice, heard) >= 7.0


def test_a_voice_that_doubles_the_melody_of_the_backing_is_not_eaten() -> None:
    """The backing has the singer's own notes, at the same time and pitch, by another voice."""
    time_s = np.arange(len(singer())) / SAMPLE_RATE_HZ
    f0_hz = 220.0 * 2 ** (np.floor(time_s / 0.8) % 5 / 12)
    guide = np.asarray(voice(f0_hz, SECONDS, 0.1), np.float32)
    take = bleeding(singer(), rhythmic_noise() + guide, -10.0)
    voice_left, _ = cleaned(take.heard, take.song)
    kept = float(voice_left @ take.voice) / float(take.voice @ take.voice)
    assert abs(20 * np.log10(kept)) <= 0.5


def test_an_anchor_that_comes_too_late_is_told() -> None:
    canceller, told = Canceller(rhythmic_noise()), clock()
    sound, flags = np.zeros(4 * SAMPLE_RATE_HZ, np.float32), np.ones(4 * SAMPLE_RATE_HZ, np.bool_)
    canceller.push(sound, flags, told, is_over=False)
    told.add(Anchor(SAMPLE_RATE_HZ, 5.0, True))
    canceller.push(sound, flags, told, is_over=False)
    assert canceller.is_stale


def test_anchors_that_tremble_make_one_line() -> None:
    trembling = [Anchor(2 * SAMPLE_RATE_HZ * n, 2.0 * n + 0.01 * (-1) ** n, True) for n in range(9)]
    assert lines_of(trembling) == (Line(0, 0.01 * SAMPLE_RATE_HZ),)
    jumped = [*trembling, Anchor(320_000, 30.0, True), Anchor(330_000, 31.0, False), Anchor(340_000, 0.0, False)]
    assert [line.first for line in lines_of(jumped)] == [0, 320_000, 330_000]


def test_the_song_is_silent_before_its_beginning_and_after_its_end() -> None:
    place = SongPlace(np.ones(100, np.float32), (Line(50, -20.0),))
    assert np.flatnonzero(place.cut(0, 300)).tolist() == list(range(70, 170))
    assert np.flatnonzero(place.cut(0, 300, delay=30)).tolist() == list(range(100, 200))
    assert not SongPlace(np.ones(100, np.float32)).cut(0, 300).any(), "the song has not begun"


def test_before_the_first_anchor_no_song_sounds() -> None:
    assert not SongPlace(np.ones(100, np.float32)).cut(0, 50).any()
    sound, flags, told = singer(), np.ones(len(singer()), np.bool_), SongClock()
    canceller = Canceller(rhythmic_noise())
    early, _ = canceller.push(sound[:64_000], flags[:64_000], told, is_over=False)
    told.add(Anchor(60_000, -1.0, True))
    rest, _ = canceller.push(sound[64_000:], flags[64_000:], told, is_over=True)
    assert np.array_equal(np.concatenate([early, rest]), sound)
    assert not canceller.is_stale
    no_clock, out = LiveCanceller(rhythmic_noise, SongClock()), sound.copy()
    no_clock.take_out(out, True)
    assert np.array_equal(out, sound)


def live(heard: Samples, song: Samples | None, cut: int = PACKET) -> Samples:
    canceller, out = LiveCanceller(lambda: song, clock()), heard.copy()
    for first in range(0, len(out), cut):
        canceller.take_out(out[first : first + cut], True)
    return out


def test_live_the_backing_goes_as_soon_as_it_is_known_and_no_sample_waits() -> None:
    take = bleeding(singer(), rhythmic_noise(), 0.0, changes=False)
    out = live(take.heard, take.song)
    late = slice(round(SECONDS * SAMPLE_RATE_HZ) * 2 // 3, None)
    assert sdr_db(take.voice[late], out[late]) - sdr_db(take.voice[late], take.heard[late]) >= 6.0
    assert np.array_equal(out, live(take.heard, take.song, cut=1_111))


def test_live_without_a_song_or_its_sound_nothing_changes() -> None:
    take = bleeding(singer(), rhythmic_noise(), 0.0)
    assert np.array_equal(live(take.heard, None), take.heard)
    assert np.array_equal(live(singer(), take.song), singer())
