"""Three clocks made one: the phone's wall clock, its RTP timestamps, and the samples of the take.

RTP time is tied to the phone's wall clock by RTCP sender reports (RFC 3550 section 6.4.1), so no network delay gets
into an anchor. Until the first report, arrival times must do; those anchors are told again when it comes.
"""

from collections import deque
from dataclasses import dataclass
from statistics import median

from media_server.frames import RTP_RATE_HZ, SAMPLE_RATE_HZ, TICKS_PER_SAMPLE, AudioFrame

NTP_TO_UNIX_S = 2_208_988_800  # 1900 to 1970, RFC 5905
TICKS_PER_MS = RTP_RATE_HZ / 1000
KEPT_REPORTS = 9  # a report is off by 0.5 ms (sd); their median is not
STEP_MS = 30.0  # one report this far off was sent late; some that agree say that one of the phone's clocks was set
AGREEING = 2
AGREEING_LATE = 4  # a busy phone sends several as late as that, and none too early
LATEST_MS = 2_000.0  # no report is sent later than that
QUIET_S = 1.0  # less is the way to the end of the song
MAX_QUIET_S = 100.0  # the live judge takes a jump of 120 s at most
REMEMBERED_S = 30.0  # some 45 messages of a phone; one of them travels without delay on any link that can be sung over
MAX_REPORT_ERROR_S = 2.0  # reports that disagree more with arrival times count another epoch: not used


def unix_ms_of_ntp(ntp_timestamp: int) -> float:
    return ((ntp_timestamp >> 32) - NTP_TO_UNIX_S) * 1000.0 + (ntp_timestamp & 0xFFFFFFFF) * 1000.0 / (1 << 32)


class SenderClock:
    """RTP ticks of one timeline to the phone's wall clock, by its sender reports."""

    def __init__(self) -> None:
        self._offsets_ms: deque[float] = deque(maxlen=KEPT_REPORTS)
        self._doubtful_ms: list[float] = []  # reports far off, one after another, that agree

    @property
    def known(self) -> bool:
        return bool(self._offsets_ms)

    def report(self, unix_ms: float, ticks: int) -> None:
        offset_ms = unix_ms - ticks / TICKS_PER_MS
        if self.known and abs(offset_ms - median(self._offsets_ms)) > STEP_MS:
            self._doubtful_ms = [one for one in self._doubtful_ms if abs(one - offset_ms) <= STEP_MS] + [offset_ms]
            is_late = 0.0 < offset_ms - median(self._offsets_ms) < LATEST_MS
            if len(self._doubtful_ms) < (AGREEING_LATE if is_late else AGREEING):
                return
            self._offsets_ms.clear()
            self._offsets_ms.extend(self._doubtful_ms)
        else:
            self._offsets_ms.append(offset_ms)
        self._doubtful_ms = []

    def ticks_at(self, unix_ms: float) -> float:
        """The tick that the phone recorded when its wall clock showed `unix_ms`; needs a report."""
        return (unix_ms - median(self._offsets_ms)) * TICKS_PER_MS


class PhoneClock:
    """The phone's wall clock against our monotonic one, by the message of the last half minute that travelled least.

    Older ones are forgotten: a phone that slept, or whose clock was set or drifts, is followed.
    """

    def __init__(self) -> None:
        self._least: deque[tuple[float, float]] = deque()  # (arrival_s, offset_s), both growing: a sliding minimum

    def heard(self, epoch_ms: float, arrival_s: float) -> None:
        offset_s = arrival_s - epoch_ms / 1000.0
        while self._least and self._least[-1][1] >= offset_s:
            self._least.pop()
        self._least.append((arrival_s, offset_s))
        while arrival_s - self._least[0][0] > REMEMBERED_S:
            self._least.popleft()

    def monotonic_s(self, epoch_ms: float) -> float:
        """Raises ValueError before the first message."""
        if not self._least:
            raise ValueError("nothing was heard from the phone yet")
        return epoch_ms / 1000.0 + self._least[0][1]


class Timeline:
    """Where the frames of a take stand, through new connections and phones that begin to count anew.

    Within one RTP timeline exact by timestamps; from one to the next continued by the time gone by.
    """

    def __init__(self, next_sample: int, idle_s: float, now_s: float) -> None:
        """`next_sample` is the end of what the take holds, `idle_s` the time since then."""
        self._end_sample = next_sample
        self._end_s = now_s - idle_s
        self._started = next_sample > 0
        self._base_ticks: int | None = None
        self._base_sample = next_sample

    @property
    def running(self) -> bool:
        """True once a frame stands on the present RTP timeline."""
        return self._base_ticks is not None

    @property
    def base_sample(self) -> int:
        return self._base_sample

    def begin(self) -> None:
        """A new connection: its first frame opens a new RTP timeline."""
        self._base_ticks = None

    def place(self, frame: AudioFrame) -> int:
        """The position of the frame's first sample."""
        if self._base_ticks is None or frame.new_timeline:
            self._base_ticks = frame.ticks
            self._base_sample = self._continued(frame)
            self._started = True
        first = self.sample_of(frame.ticks)
        end = first + len(frame.pcm)
        if end > self._end_sample:
            self._end_sample, self._end_s = end, frame.arrival_s
        return first

    def _continued(self, frame: AudioFrame) -> int:
        if not self._started:
            return 0
        idle = round((frame.arrival_s - self._end_s) * SAMPLE_RATE_HZ) - len(frame.pcm)
        return self._end_sample + max(0, idle)

    def sample_of(self, ticks: float) -> int:
        if self._base_ticks is None:
            raise ValueError("no frame has come yet")
        return self._base_sample + round((ticks - self._base_ticks) / TICKS_PER_SAMPLE)

    def silent_until(self, monotonic_s: float) -> int:
        """The take's end at that moment: later than its last sample only when the phone has gone quiet."""
        idle_s = monotonic_s - self._end_s
        return self.sample_at(monotonic_s) if QUIET_S < idle_s < MAX_QUIET_S else self._end_sample

    def sample_at(self, monotonic_s: float) -> int:
        """The sample that was being sent at that moment, by arrival times."""
        return self._end_sample + round((monotonic_s - self._end_s) * SAMPLE_RATE_HZ)


@dataclass(frozen=True, slots=True)
class Playback:
    """What the phone said: the song is heard at `song_s` when its wall clock shows `epoch_ms`."""

    song_s: float
    epoch_ms: float
    playing: bool


@dataclass(frozen=True, slots=True)
class Anchor:
    sample: int
    song_s: float
    playing: bool


class SongClock:
    """Turns the phone's playback messages into anchors of the take, for one connection."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._sender = SenderClock()
        self._phone = PhoneClock()
        self._waiting: Playback | None = None  # came before the first frame
        self._by_arrival: deque[tuple[int, Playback]] = deque(maxlen=8)

    def heard(self, epoch_ms: float, arrival_s: float) -> None:
        self._phone.heard(epoch_ms, arrival_s)

    def playback(self, playback: Playback) -> list[Anchor]:
        """Anchors to tell now; none before the first frame."""
        if not self._timeline.running:
            self._waiting = playback
            return []
        arrival_sample = self._arrival_sample(playback)
        if not self._sender.known:
            self._by_arrival.append((max(arrival_sample, self._timeline.base_sample), playback))
            return [self._anchor(arrival_sample, playback)]
        return [self._anchor(self._report_sample(playback, arrival_sample), playback)]

    def first_frame(self) -> list[Anchor]:
        """Anchors that waited for it; also after the phone began to count anew."""
        waiting, self._waiting = self._waiting, None
        return self.playback(waiting) if waiting else []

    def new_timeline(self) -> None:
        self._sender = SenderClock()
        self._by_arrival.clear()

    def report(self, ntp_timestamp: int, ticks: int) -> list[Anchor]:
        """The first report corrects the anchors made by arrival time, on their own samples."""
        self._sender.report(unix_ms_of_ntp(ntp_timestamp), ticks)
        if not self._timeline.running:
            return []
        corrected = []
        for told_sample, playback in self._by_arrival:
            sample = self._report_sample(playback, self._arrival_sample(playback))
            moved_s = (told_sample - sample) / SAMPLE_RATE_HZ if playback.playing else 0.0
            corrected.append(Anchor(told_sample, playback.song_s + moved_s, playback.playing))
        self._by_arrival.clear()
        return corrected

    def _arrival_sample(self, playback: Playback) -> int:
        return self._timeline.sample_at(self._phone.monotonic_s(playback.epoch_ms))

    def _report_sample(self, playback: Playback, arrival_sample: int) -> int:
        sample = self._timeline.sample_of(self._sender.ticks_at(playback.epoch_ms))
        wrong_epoch = abs(sample - arrival_sample) > MAX_REPORT_ERROR_S * SAMPLE_RATE_HZ
        return arrival_sample if wrong_epoch else sample

    def _anchor(self, sample: int, playback: Playback) -> Anchor:
        """An anchor never stands before its connection's first sample: the song is moved on to there."""
        base = self._timeline.base_sample
        if sample >= base:
            return Anchor(sample, playback.song_s, playback.playing)
        moved_s = (base - sample) / SAMPLE_RATE_HZ if playback.playing else 0.0
        return Anchor(base, playback.song_s + moved_s, playback.playing)
