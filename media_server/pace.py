"""Nobody sings faster than real time: how far RTP time may be ahead of the time gone by, over a whole connection."""

from media_server.frames import RTP_RATE_HZ

MAX_LEAD_S = 1.0  # what a first packet that was held up lets the others seem early


class Pace:
    """Sums the ticks of all timelines, so that a new SSRC or a jump of the timestamps gives nothing away.

    What is too early is refused until real time has caught up with what was taken; then a new timeline begins.
    """

    def __init__(self) -> None:
        self._origin_s: float | None = None
        self._first_ticks = 0  # of the present timeline
        self._first_sum = 0.0  # where that stands in the sum
        self._reached_sum = 0.0
        self._waiting = False

    def begin(self, ticks: int, arrival_s: float) -> None:
        """A new timeline: it goes on at the time gone by, and never before the end of the last one."""
        if self._origin_s is None:
            self._origin_s = arrival_s
        self._first_ticks = ticks
        self._first_sum = self._reached_sum = max(self._reached_sum, self._due_ticks(arrival_s))

    def waits(self, arrival_s: float) -> bool:
        """True after a refusal, until real time has caught up."""
        self._waiting = self._waiting and self._due_ticks(arrival_s) < self._reached_sum
        return self._waiting

    def takes(self, ticks: int, arrival_s: float) -> bool:
        """False when the tick is too early."""
        at = self._first_sum + ticks - self._first_ticks
        self._waiting = at > self._due_ticks(arrival_s) + MAX_LEAD_S * RTP_RATE_HZ
        if not self._waiting:
            self._reached_sum = max(self._reached_sum, at)
        return not self._waiting

    def _due_ticks(self, arrival_s: float) -> float:
        return 0.0 if self._origin_s is None else (arrival_s - self._origin_s) * RTP_RATE_HZ
