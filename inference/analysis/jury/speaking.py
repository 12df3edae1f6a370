"""The three jurors speak at once: each is handed over as soon as it has spoken.

`speak` is for who has an event loop, `speak_now` for who has none. The votes are the personas' rules, the scores the
verdict's; a model only finds words, and where there is none, or none in time, the grammar does.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

from voicejury import tracing
from voicejury.v1 import verdict_pb2

from inference import metrics
from inference.analysis.jury.answer import TierError
from inference.analysis.jury.panel import jurors, known_language
from inference.analysis.jury.personas import PERSONAS
from inference.analysis.jury.tiers import Tier
from inference.analysis.jury.writing import Audience, Brief, brief, may_be_told, written

__all__ = ["Audience", "OnJuror", "no_juror", "speak", "speak_now"]
BUDGET_S = 4.3  # for all three, models included: with it the last juror is heard within 5 s on a busy machine
FIRST_SHARE = 0.6  # of what is left of it, for a model behind which another waits
LEAST_S = 0.2  # with less left nobody is asked
LINE = re.compile(r"lines\[(\d+)\]")
OnJuror = Callable[[verdict_pb2.Juror], None]
logger = logging.getLogger(__name__)


def no_juror(_juror: verdict_pb2.Juror) -> None:
    """For who waits for all three."""


async def speak(
    verdict: verdict_pb2.Verdict,
    audience: Audience,
    sound: bytes = b"",
    tiers: Sequence[Tier] = (),
    spoken: Sequence[verdict_pb2.Juror] = (),
    budget_s: float = BUDGET_S,
) -> AsyncIterator[verdict_pb2.Juror]:
    """Every juror in the order in which they have spoken; first those who had `spoken` before a crash, as they were.

    `sound` is a hash of what was sung: with it, the same take gets the same words of the grammar.
    """
    audience = replace(audience, language=known_language(audience.language))
    for juror in spoken:
        yield juror
    panel = jurors(verdict, audience.language, sound, audience.for_children)
    waiting = [juror for juror in panel if juror.persona not in {juror.persona for juror in spoken}]
    if not tiers or not may_be_told(verdict):
        for juror in waiting:
            yield juror
        return
    deadline_s = asyncio.get_running_loop().time() + budget_s
    briefs = [brief(juror, verdict, audience, _told(panel, juror)) for juror in waiting]
    tasks = [asyncio.create_task(_told_by(part, tiers, deadline_s), name=part.grammar.persona) for part in briefs]
    try:
        for told in asyncio.as_completed(tasks):
            yield await told
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def speak_now(
    verdict: verdict_pb2.Verdict,
    audience: Audience,
    sound: bytes = b"",
    tiers: Sequence[Tier] = (),
    spoken: Sequence[verdict_pb2.Juror] = (),
    on_juror: OnJuror = no_juror,
    budget_s: float = BUDGET_S,
) -> list[verdict_pb2.Juror]:
    """The jury in its own order; `on_juror` hears each as it comes. Not to be called on an event loop's thread."""

    async def hear() -> list[verdict_pb2.Juror]:
        heard: list[verdict_pb2.Juror] = []
        async for juror in speak(verdict, audience, sound, tiers, spoken, budget_s):
            heard.append(juror)
            on_juror(juror)
        return heard

    order = [persona.id for persona in PERSONAS]
    return sorted(asyncio.run(hear()), key=lambda juror: order.index(juror.persona))


def _told(panel: Sequence[verdict_pb2.Juror], speaker: verdict_pb2.Juror) -> set[int]:
    """The lines that the other jurors speak of by the grammar: a model keeps away from them, as the grammar does."""
    others = (juror for juror in panel if juror.persona != speaker.persona)
    return {int(index) for juror in others for claim in juror.claims for index in LINE.findall(claim.path)}


async def _told_by(part: Brief, tiers: Sequence[Tier], deadline_s: float) -> verdict_pb2.Juror:
    """By the first model that has enough true things to say, in time; otherwise by the grammar."""
    for place, tier in enumerate(tiers, 1):
        left_s = deadline_s - asyncio.get_running_loop().time()
        if left_s < LEAST_S:
            break
        budget_s = left_s if place == len(tiers) else FIRST_SHARE * left_s
        try:
            with tracing.span(f"juror {part.grammar.persona}", attributes={"voicejury.tier": place}):
                drafts = await tier.drafts(part.request, budget_s)
            juror = written(drafts, part, tier.name)
        except TierError as error:
            metrics.LLM_CALLS.labels(tier.name, "failed").inc()
            logger.info("juror %s: %s has no words: %s", part.grammar.persona, tier.name, error)
            continue
        except Exception:  # a verdict is not lost for want of pretty words
            metrics.LLM_CALLS.labels(tier.name, "failed").inc()
            logger.exception("juror %s: %s broke", part.grammar.persona, tier.name)
            continue
        _count(tier.name, len(drafts), juror)
        if juror is not None:
            return juror
        logger.info("juror %s: too little of what %s said is true", part.grammar.persona, tier.name)
    return part.grammar


def _count(tier: str, drafts: int, juror: verdict_pb2.Juror | None) -> None:
    kept = len(juror.sentences) - 1 if juror is not None else 0  # the last tells the vote
    metrics.LLM_CALLS.labels(tier, "spoken" if juror is not None else "untrue").inc()
    metrics.LLM_SENTENCES.labels("kept").inc(kept)
    metrics.LLM_SENTENCES.labels("dropped").inc(drafts - kept)
