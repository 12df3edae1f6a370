"""The three jurors speak at once: each is handed over as soon as it has spoken.

`speak` is for who has an event loop, `speak_now` for who has none. The votes are the personas' rules, the scores the
verdict's; a model only finds words, and where there is none, or none in time, the grammar does.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from voicejury.v1 import verdict_pb2

from inference.analysis.jury.panel import jurors
from inference.analysis.jury.personas import PERSONAS
from inference.analysis.jury.tiers import Tier

OnJuror = Callable[[verdict_pb2.Juror], None]


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom the jury speaks to; how kindly follows the verdict's level."""

    language: str = "fr"  # French where it is not known
    for_children: bool = False
    title: str = ""  # of the song; the text of strangers


def no_juror(_juror: verdict_pb2.Juror) -> None:
    """For who waits for all three."""


async def speak(
    verdict: verdict_pb2.Verdict,
    audience: Audience,
    sound: bytes = b"",
    tiers: Sequence[Tier] = (),
    spoken: Sequence[verdict_pb2.Juror] = (),
) -> AsyncIterator[verdict_pb2.Juror]:
    """Every juror in the order in which they have spoken; first those who had `spoken` before a crash, as they were.

    `sound` is a hash of what was sung: with it, the same take gets the same words of the grammar.
    """
    kept = {juror.persona: juror for juror in spoken}
    for juror in spoken:
        yield juror
    for juror in jurors(verdict, audience.language, sound):
        if juror.persona not in kept:
            yield juror


def speak_now(
    verdict: verdict_pb2.Verdict,
    audience: Audience,
    sound: bytes = b"",
    tiers: Sequence[Tier] = (),
    spoken: Sequence[verdict_pb2.Juror] = (),
    on_juror: OnJuror = no_juror,
) -> list[verdict_pb2.Juror]:
    """The jury in its own order; `on_juror` hears each as it comes. Not to be called on an event loop's thread."""

    async def hear() -> list[verdict_pb2.Juror]:
        heard: list[verdict_pb2.Juror] = []
        async for juror in speak(verdict, audience, sound, tiers, spoken):
            heard.append(juror)
            on_juror(juror)
        return heard

    order = [persona.id for persona in PERSONAS]
    return sorted(asyncio.run(hear()), key=lambda juror: order.index(juror.persona))
