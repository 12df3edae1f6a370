"""Whether one more singer fits: an overloaded loop misses consent checks and cuts everybody off."""

import asyncio
from collections import deque

from media_server import metrics
from media_server.errors import OverloadedError

PERIOD_S = 0.05
KEPT = 100  # 5 s
RETRY_AFTER_S = 5


class LoopLag:
    """How late the event loop runs what is due."""

    def __init__(self) -> None:
        self._late_ms: deque[float] = deque(maxlen=KEPT)

    @property
    def p95_ms(self) -> float:
        """0 until a second was watched."""
        if len(self._late_ms) < KEPT // 5:
            return 0.0
        return sorted(self._late_ms)[int(len(self._late_ms) * 0.95)]

    async def watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + PERIOD_S
            await asyncio.sleep(PERIOD_S)
            self._late_ms.append(max(0.0, loop.time() - due_s) * 1000.0)
            metrics.LOOP_LAG_P95_MS.set(self.p95_ms)


def admit(live_peers: int, max_peers: int, lag_p95_ms: float, max_lag_ms: float) -> None:
    """Raises OverloadedError. Without a live peer the lag is not ours, and refusing would help nobody."""
    if live_peers >= max_peers:
        raise OverloadedError(f"{live_peers} singers are on, {max_peers} at most", RETRY_AFTER_S)
    if live_peers and lag_p95_ms > max_lag_ms:
        raise OverloadedError(f"the event loop runs {lag_p95_ms:.0f} ms late", RETRY_AFTER_S)
