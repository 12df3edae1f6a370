"""What the trace of a take is told of one connection: how it came to be, and, once it is over, how it was."""

import time

from voicejury import tracing


class PeerTrace:
    """Made while the offer is answered. Nothing is told while somebody sings."""

    def __init__(self, session_id: str) -> None:
        self._session_id = session_id
        self._offer = tracing.present()
        self._began_s = time.time()
        self._connected_s: float | None = None
        self._is_over = False

    def connected(self) -> None:
        """Packets can come."""
        if self._connected_s is None:
            self._connected_s = time.time()
            tracing.tell("connected", self._session_id, self._began_s, parent=self._offer)

    def over(self, loss: float, jitter_ms: float) -> None:
        """Safe to repeat."""
        if self._is_over:
            return
        self._is_over = True
        if self._connected_s is None:
            tracing.tell("connected", self._session_id, self._began_s, parent=self._offer, failure="never")
            return
        told = {"voicejury.loss": round(loss, 4), "voicejury.jitter_ms": round(jitter_ms, 1)}
        tracing.tell("live stream", self._session_id, self._connected_s, told)
