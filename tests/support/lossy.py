"""Loss and cuts at the UDP layer of this process's peers, by wrapping aioice's protocol."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from aioice.ice import StunProtocol


@dataclass(slots=True)
class LossyLink:
    """Every datagram that arrives is lost with probability `loss`, and surely while `cut`."""

    loss: float = 0.0
    cut: bool = False
    dropped: int = 0
    passed: int = 0
    rng: random.Random = field(default_factory=lambda: random.Random(7))

    def drops(self) -> bool:
        dropping = self.cut or self.rng.random() < self.loss
        self.dropped += dropping
        self.passed += not dropping
        return dropping


@contextmanager
def lossy_link(loss: float = 0.0) -> Iterator[LossyLink]:
    """The link of all peers that are made and used inside the block."""
    link = LossyLink(loss)
    receive = StunProtocol.datagram_received

    def datagram_received(protocol: StunProtocol, data: Any, addr: tuple[Any, ...]) -> None:
        if not link.drops():
            receive(protocol, data, addr)

    with patch.object(StunProtocol, "datagram_received", datagram_received):
        yield link
