"""A UDP link between the page and the media server that can be cut and can lose packets, both ways.

The page reaches it because the test rewrites the candidates of the answer; the server sees the relay as the phone.
"""

import random
import re
import selectors
import socket
import threading
from dataclasses import dataclass, field

CANDIDATE = re.compile(r"^(a=candidate:\S+ \d+ udp \d+ )(\S+) (\d+)( typ host.*)$", re.MULTILINE | re.IGNORECASE)
POLL_S = 0.1
MAX_DATAGRAM = 65_536
Address = tuple[str, int]


@dataclass(slots=True)
class _Path:
    """One peer of the server: the socket that the page talks to, and the one that the server talks to."""

    front: socket.socket
    back: socket.socket
    server: Address
    page: Address | None = None


@dataclass(slots=True)
class Traffic:
    forwarded: int = 0
    dropped: int = 0


@dataclass(slots=True)
class UdpRelay:
    """Runs in a thread of its own between `start` and `stop`."""

    loss: float = 0.0  # 0..1, each way
    cut: bool = False
    traffic: Traffic = field(default_factory=Traffic)
    _rng: random.Random = field(default_factory=lambda: random.Random(11))
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _thread: threading.Thread | None = None
    _running: bool = False

    def start(self) -> None:
        self._running = True
        self._thread = threading.Thread(target=self._run, name="udp relay", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._running = False
        if self._thread is not None:
            self._thread.join()
        for key in list(self._selector.get_map().values()):
            self._selector.unregister(key.fileobj)
            key.data[0].front.close()
            key.data[0].back.close()
        self._selector.close()

    def rewrite(self, sdp: str) -> str:
        """The answer with each UDP host candidate led through this relay."""
        return CANDIDATE.sub(self._through, sdp)

    def _through(self, match: re.Match[str]) -> str:
        head, host, port, tail = match.groups()
        if ":" in host:
            return match.group(0)
        front, back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        front.bind(("127.0.0.1", 0))
        back.bind(("127.0.0.1", 0))
        path = _Path(front, back, (host, int(port)))
        self._selector.register(front, selectors.EVENT_READ, (path, True))
        self._selector.register(back, selectors.EVENT_READ, (path, False))
        return f"{head}127.0.0.1 {front.getsockname()[1]}{tail}"

    def _run(self) -> None:
        while self._running:
            for key, _ in self._selector.select(POLL_S):
                path, from_page = key.data
                self._forward(path, from_page)

    def _forward(self, path: _Path, from_page: bool) -> None:
        try:
            data, sender = (path.front if from_page else path.back).recvfrom(MAX_DATAGRAM)
        except OSError:  # the other end has closed: ICMP refused
            return
        if from_page:
            path.page = sender
        if self.cut or self._rng.random() < self.loss or path.page is None:
            self.traffic.dropped += 1
            return
        self.traffic.forwarded += 1
        if from_page:
            path.back.sendto(data, path.server)
        else:
            path.front.sendto(data, path.page)
