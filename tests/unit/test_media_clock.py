"""Anchors: the phone's wall clock, RTP time and samples of the take made one."""

import numpy as np
import pytest

from media_server.clock import NTP_TO_UNIX_S, PhoneClock, Playback, SenderClock, SongClock, Timeline, unix_ms_of_ntp
from media_server.frames import AudioFrame

EPOCH_MS = 1_800_000_000_000.0  # the phone's wall clock when its tick 0 was recorded


def ntp(unix_ms: float) -> int:
    seconds, ms = divmod(unix_ms, 1000.0)
    return ((int(seconds) + NTP_TO_UNIX_S) << 32) | int(ms / 1000.0 * (1 << 32))


def frame(ticks: int, arrival_s: float, new_timeline: bool = False) -> AudioFrame:
    return AudioFrame(ticks, np.zeros(320, np.float32), False, arrival_s, new_timeline)


def running_clock(delay_s: float = 0.05) -> tuple[Timeline, SongClock]:
    """Ten frames of which each came `delay_s` after it was recorded; monotonic 0 is the phone's EPOCH_MS."""
    timeline = Timeline(0, 0.0, 0.0)
    for index in range(10):
        timeline.place(frame(index * 960, (index + 1) * 0.02 + delay_s))
    return timeline, SongClock(timeline)


def test_ntp_time_becomes_unix_time() -> None:
    assert unix_ms_of_ntp(ntp(EPOCH_MS + 123.25)) == pytest.approx(EPOCH_MS + 123.25, abs=1e-3)


def test_frames_stand_where_their_timestamps_say() -> None:
    timeline = Timeline(0, 0.0, 0.0)
    assert [timeline.place(frame(ticks, 0.0)) for ticks in (7_000, 7_960, 247_000)] == [0, 320, 80_000]


def test_a_new_connection_goes_on_after_the_time_gone_by() -> None:
    timeline = Timeline(0, 0.0, 0.0)
    timeline.place(frame(0, 10.0))
    timeline.begin()
    assert timeline.place(frame(555_555, 13.02)) == pytest.approx(320 + 3 * 16_000, abs=1)


def test_a_recovered_take_goes_on_after_the_time_gone_by() -> None:
    timeline = Timeline(next_sample=32_000, idle_s=5.0, now_s=100.0)
    assert timeline.place(frame(9, 100.02)) == 32_000 + 5 * 16_000


def test_reports_put_an_anchor_on_the_exact_sample_whatever_the_delay_was() -> None:
    _, clock = running_clock()
    clock.report(ntp(EPOCH_MS + 100.0), 4_800)
    clock.heard(EPOCH_MS + 120.0, 0.12 + 0.4)
    anchor = clock.playback(Playback(song_s=2.0, epoch_ms=EPOCH_MS + 120.0, playing=True))[0]
    assert anchor.sample == pytest.approx(0.120 * 16_000, abs=1)
    assert (anchor.song_s, anchor.playing) == (2.0, True)


def test_noise_of_reports_is_smoothed() -> None:
    rng = np.random.default_rng(3)
    sender = SenderClock()
    for second in range(9):
        sender.report(EPOCH_MS + second * 1000.0 + rng.normal(0.0, 0.5), second * 48_000)
    assert abs(sender.ticks_at(EPOCH_MS) / 48.0) < 0.5


def test_one_report_that_was_sent_late_moves_nothing() -> None:
    sender = SenderClock()
    sender.report(EPOCH_MS, 0)
    sender.report(EPOCH_MS + 1_000.0 + 60.0, 48_000)
    sender.report(EPOCH_MS + 2_000.0, 96_000)
    assert sender.ticks_at(EPOCH_MS) == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize("late", range(1, 4))
def test_reports_of_a_phone_that_was_busy_for_a_while_move_nothing(late: int) -> None:
    sender = SenderClock()
    for second in range(9):
        is_busy = 4 <= second < 4 + late
        sender.report(EPOCH_MS + second * 1000.0 + (650.0 if is_busy else 0.0), second * 48_000)
        assert sender.ticks_at(EPOCH_MS) == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize("step_ms", [400.0, -400.0])
def test_a_small_step_of_a_phones_clock_is_believed_in_the_end(step_ms: float) -> None:
    sender = SenderClock()
    for second in range(9):
        sender.report(EPOCH_MS + second * 1000.0 + (step_ms if second >= 5 else 0.0), second * 48_000)
    assert sender.ticks_at(EPOCH_MS + step_ms) == pytest.approx(0.0, abs=0.1)


def test_a_first_report_that_was_sent_late_is_forgotten_after_two_in_time() -> None:
    sender = SenderClock()
    for second in range(3):
        sender.report(EPOCH_MS + second * 1000.0 + (650.0 if second == 0 else 0.0), second * 48_000)
    assert sender.ticks_at(EPOCH_MS) == pytest.approx(0.0, abs=0.1)


def test_a_phone_that_sets_its_clock_is_followed_from_the_second_report() -> None:
    sender = SenderClock()
    for second in range(5):
        sender.report(EPOCH_MS + second * 1000.0, second * 48_000)
    for second in (5, 6):
        sender.report(EPOCH_MS + second * 1000.0 + 3_600_000.0, second * 48_000)
    assert sender.ticks_at(EPOCH_MS + 3_600_000.0) == pytest.approx(0.0, abs=1.0)


def test_anchors_by_arrival_are_corrected_on_their_sample_by_the_first_report() -> None:
    _, clock = running_clock(delay_s=0.05)
    clock.heard(EPOCH_MS + 100.0, 0.1 + 0.08)
    told = clock.playback(Playback(5.0, EPOCH_MS + 100.0, playing=True))[0]
    assert told.song_s == 5.0
    corrected = clock.report(ntp(EPOCH_MS), 0)
    assert [anchor.sample for anchor in corrected] == [told.sample]
    assert corrected[0].song_s - told.sample / 16_000 == pytest.approx(5.0 - 0.1, abs=1e-3)
    assert clock.report(ntp(EPOCH_MS + 1000.0), 48_000) == []


def test_a_clock_that_comes_before_the_first_frame_waits_for_it() -> None:
    timeline = Timeline(0, 0.0, 0.0)
    clock = SongClock(timeline)
    clock.heard(EPOCH_MS, 0.0)
    assert clock.playback(Playback(-3.0, EPOCH_MS, playing=True)) == []
    timeline.place(frame(0, 1.02))
    anchor = clock.first_frame()[0]
    assert anchor.sample == 0
    assert anchor.song_s == pytest.approx(-2.0, abs=0.001)


def test_a_paused_song_does_not_move_with_the_samples() -> None:
    timeline = Timeline(0, 0.0, 0.0)
    clock = SongClock(timeline)
    clock.heard(EPOCH_MS, 0.0)
    clock.playback(Playback(12.0, EPOCH_MS, playing=False))
    timeline.place(frame(0, 5.0))
    anchor = clock.first_frame()[0]
    assert (anchor.song_s, anchor.playing) == (12.0, False)


def test_reports_of_another_epoch_are_not_believed() -> None:
    _, clock = running_clock(delay_s=0.0)
    clock.report(ntp(1_000_000.0), 0)
    clock.heard(EPOCH_MS + 100.0, 0.1)
    anchor = clock.playback(Playback(1.0, EPOCH_MS + 100.0, playing=True))[0]
    assert anchor.sample == pytest.approx(1_600, abs=2)


def test_a_message_held_up_on_the_way_does_not_shift_the_song() -> None:
    _, clock = running_clock(delay_s=0.0)
    clock.heard(EPOCH_MS, 0.0)
    clock.heard(EPOCH_MS + 150.0, 0.15 + 1.5)
    anchor = clock.playback(Playback(1.0, EPOCH_MS + 150.0, playing=True))[0]
    assert anchor.sample == pytest.approx(2_400, abs=2)


@pytest.mark.parametrize("step_s", [-20.0, -0.4, 0.4, 20.0])
def test_a_phone_whose_clock_steps_is_followed_within_half_a_minute(step_s: float) -> None:
    clock = PhoneClock()
    for second in range(60):
        clock.heard(EPOCH_MS + second * 1000.0, second + 0.05)
    for second in range(60, 92):
        clock.heard(EPOCH_MS + (second + step_s) * 1000.0, second + 0.05)
    assert clock.monotonic_s(EPOCH_MS + (92 + step_s) * 1000.0) == pytest.approx(92.05, abs=1e-3)


def test_a_phone_that_slept_is_followed_from_its_first_message() -> None:
    clock = PhoneClock()
    for second in range(10):
        clock.heard(EPOCH_MS + second * 1000.0, second + 0.05)
    clock.heard(EPOCH_MS + 10_000.0, 50.05)
    assert clock.monotonic_s(EPOCH_MS + 10_000.0) == pytest.approx(50.05, abs=1e-3)


def test_the_delay_of_single_messages_moves_the_phones_clock_by_a_few_milliseconds() -> None:
    rng = np.random.default_rng(5)
    clock = PhoneClock()
    offsets_ms = []
    for second in np.arange(0.0, 300.0, 2.0 / 3.0):
        clock.heard(EPOCH_MS + second * 1000.0, float(second) + 0.02 + float(rng.gamma(2.0, 0.01)))
        offsets_ms.append((clock.monotonic_s(EPOCH_MS + second * 1000.0) - second) * 1000.0)
    steady = offsets_ms[20:]
    assert max(steady) - min(steady) < 10.0


def test_a_phone_that_slept_has_its_song_where_it_plays_again() -> None:
    timeline = Timeline(0, 0.0, 0.0)
    clock = SongClock(timeline)
    anchor = None
    for second in range(120):
        epoch_ms = EPOCH_MS + (second if second < 60 else second - 5.0) * 1000.0  # the page's clock stood for 5 s
        timeline.place(frame(second * 48_000, second + 0.07))
        clock.report(ntp(EPOCH_MS + second * 1000.0), second * 48_000)
        clock.heard(epoch_ms, second + 0.05)
        anchor = clock.playback(Playback(float(second), epoch_ms, playing=True))[0]
    assert anchor is not None
    assert anchor.sample / 16_000 == pytest.approx(anchor.song_s, abs=0.05)
