"""The tap on Opus packets of a real encoder."""

import fractions

import av
import numpy as np
import pytest

from media_server.frames import AudioFrame, TickUnwrapper
from media_server.opus import OpusDecoder, find_libopus
from media_server.tap import Packet, RtpTap

RATE_HZ = 48_000


def opus_packets(duration_s: float, f0_hz: float = 220.0, frame_ms: int = 20) -> list[bytes]:
    """A tone by libopus with in-band FEC, as Chromium encodes under loss."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate = RATE_HZ
    encoder.layout = "mono"
    encoder.format = "s16"
    encoder.bit_rate = 32_000
    encoder.options = {"application": "voip", "fec": "1", "packet_loss": "20", "frame_duration": str(frame_ms)}
    encoder.time_base = fractions.Fraction(1, RATE_HZ)
    size = RATE_HZ * frame_ms // 1000
    packets = []
    for index in range(round(duration_s * 1000 / frame_ms)):
        seconds = (np.arange(size) + index * size) / RATE_HZ
        pcm = np.rint(9_000 * np.sin(2 * np.pi * f0_hz * seconds)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        frame.pts = index * size
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets


class Line:
    """Feeds a tap and keeps what comes out."""

    def __init__(self) -> None:
        library = find_libopus()
        if library is None:
            pytest.skip("no libopus here")
        self.frames: list[AudioFrame] = []
        self.tap = RtpTap(OpusDecoder(library), self.frames.append)

    def send(
        self, index: int, payload: bytes, ssrc: int = 1, ticks: int = 960, start: int = 0, at_s: float | None = None
    ) -> None:
        arrival_s = index * ticks / RATE_HZ if at_s is None else at_s
        timestamp = (start + index * ticks) & 0xFFFFFFFF
        self.tap.push(Packet(ssrc, (65_530 + index) & 0xFFFF, timestamp, payload, arrival_s))

    @property
    def ticks(self) -> list[int]:
        return [frame.ticks for frame in self.frames]


def test_packets_in_order_come_out_at_once_through_both_wraps() -> None:
    line = Line()
    start = (1 << 32) - 960 * 3
    for index, payload in enumerate(opus_packets(0.4)):
        line.send(index, payload, start=start)
        assert len(line.frames) == index + 1
    assert np.diff(line.ticks).tolist() == [960] * (len(line.frames) - 1)
    assert {len(frame.pcm) for frame in line.frames} == {320}


def test_ten_millisecond_packets_keep_their_length() -> None:
    line = Line()
    for index, payload in enumerate(opus_packets(0.2, frame_ms=10)):
        line.send(index, payload, ticks=480)
    assert {len(frame.pcm) for frame in line.frames} == {160}


def test_a_lost_packet_is_rebuilt_from_fec_and_marked_concealed() -> None:
    whole, holed = Line(), Line()
    packets = opus_packets(1.0)
    for index, payload in enumerate(packets):
        whole.send(index, payload)
        if index != 20:
            holed.send(index, payload)
    assert holed.ticks == whole.ticks
    # The packet after it is played by a decoder whose memory was made up: not scored either.
    assert [frame.ticks for frame in holed.frames if frame.concealed] == [20 * 960, 21 * 960]
    assert holed.tap.counts.fec == 1
    rebuilt, sung = holed.frames[20].pcm, whole.frames[20].pcm
    assert np.corrcoef(rebuilt, sung)[0, 1] > 0.9


def test_reordered_packets_are_put_right_and_not_concealed() -> None:
    line = Line()
    packets = opus_packets(0.2)
    for index in (0, 1, 3, 2, 4, 5):
        line.send(index, packets[index])
    assert line.ticks == [index * 960 for index in range(6)]
    assert not any(frame.concealed for frame in line.frames)


def test_five_lost_packets_are_concealed_and_six_stay_a_gap() -> None:
    packets = opus_packets(0.6)
    for lost, expected in ((5, 6), (6, 0)):
        line = Line()
        for index, payload in enumerate(packets):
            if not 4 <= index < 4 + lost:
                line.send(index, payload)
        assert sum(frame.concealed for frame in line.frames) == expected
        assert line.ticks[-1] == (len(packets) - 1) * 960
        assert not any(frame.phone_paused for frame in line.frames)


def test_a_long_cut_leaves_a_gap_on_the_same_timeline() -> None:
    line = Line()
    packets = opus_packets(0.2)
    for index in range(5):
        line.send(index, packets[index])
    for index in range(255, 260):
        line.send(index, packets[index - 250])
    assert line.ticks == [960 * index for index in (*range(5), *range(255, 260))]
    assert [frame.new_timeline for frame in line.frames] == [True] + [False] * 9


def test_another_ssrc_begins_a_new_timeline() -> None:
    line = Line()
    packets = opus_packets(0.2)
    line.send(0, packets[0])
    line.send(1, packets[1], ssrc=2, start=123_456)
    assert [frame.new_timeline for frame in line.frames] == [True, True]
    assert line.tap.counts.resets == 1


def test_held_up_packets_that_arrive_in_a_burst_stay_on_the_timeline() -> None:
    line = Line()
    for index, payload in enumerate(opus_packets(0.2)):
        line.send(index, payload, at_s=0.0 if index < 3 else 4.0)
    assert [frame.new_timeline for frame in line.frames][1:] == [False] * (len(line.frames) - 1)
    assert np.diff(line.ticks).tolist() == [960] * (len(line.frames) - 1)


def test_a_phone_that_paused_is_told_from_a_network_that_lost() -> None:
    line = Line()
    packets = opus_packets(0.2)
    line.send(0, packets[0])
    line.tap.push(Packet(1, (65_530 + 1) & 0xFFFF, 48_000, packets[1], 1.0))
    assert [frame.phone_paused for frame in line.frames] == [False, True]


def test_a_packet_that_is_no_opus_is_counted_and_the_stream_goes_on() -> None:
    line = Line()
    packets = opus_packets(0.2)
    for index, payload in enumerate(packets):
        line.send(index, b"\xff\xff\xff" if index == 3 else payload)
    assert line.tap.counts.undecodable == 1
    assert line.ticks[-1] == (len(packets) - 1) * 960


def test_late_duplicates_are_dropped() -> None:
    line = Line()
    packets = opus_packets(0.2)
    for index in (0, 1, 2, 1, 0, 3):
        line.send(index, packets[index])
    assert line.ticks == [0, 960, 1920, 2880]
    assert line.tap.counts.late == 2


def test_timestamps_unwrap_both_ways() -> None:
    unwrapper = TickUnwrapper()
    top = (1 << 32) - 960
    assert unwrapper.unwrap(top) == top
    assert unwrapper.unwrap(0) == 1 << 32
    assert unwrapper.near(top) == top
    assert unwrapper.unwrap(960) == (1 << 32) + 960


def test_a_flood_faster_than_real_time_is_refused_and_the_stream_goes_on_in_real_time() -> None:
    line = Line()
    packets = opus_packets(0.4)
    for index in range(5_000):
        line.send(index, packets[index % 20], at_s=index * 0.0001)
    assert line.ticks[-1] <= 1.5 * RATE_HZ
    assert line.tap.counts.early == 5_000 - len(line.frames)
    flooded = len(line.frames)
    for index in range(100):
        line.send(index, packets[index % 20], start=7_000_000, at_s=2.0 + index * 0.02)
    assert [frame.new_timeline for frame in line.frames[flooded:]] == [True] + [False] * 99


@pytest.mark.parametrize("jump", ["a new ssrc", "timestamps"])
def test_new_timelines_do_not_make_time_go_faster(jump: str) -> None:
    line = Line()
    packets = opus_packets(0.4)
    for index in range(2_000):
        turn = index // 40
        ssrc, start = (turn, 0) if jump == "a new ssrc" else (1, turn * 5_000_000)
        line.send(index, packets[index % 20], ssrc=ssrc, start=start, at_s=index * 0.0005)
    assert sum(len(frame.pcm) for frame in line.frames) <= 16_000 * 3.0


def test_timestamps_that_leap_ahead_with_each_packet_are_refused_in_sum() -> None:
    line = Line()
    packets = opus_packets(0.4)
    for index in range(200):
        line.send(index, packets[index % 20], ticks=RATE_HZ * 9 // 10, at_s=index * 0.02)
    assert sum(frame.new_timeline for frame in line.frames) < 20
    assert line.tap.counts.early > 150


def test_a_first_packet_that_was_held_up_costs_a_moment_and_not_the_stream() -> None:
    line = Line()
    packets = opus_packets(0.4)
    for index in range(500):
        line.send(index, packets[index % 20], at_s=max(4.0, index * 0.02))
    assert len(line.frames) > 250
    assert sum(frame.new_timeline for frame in line.frames) == 2
