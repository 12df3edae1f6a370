"""The stages of one take's judging, each of which can be run again: what it found lies in a working file."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from google.protobuf.message import Message
from voicejury.v1 import analysis_pb2, verdict_pb2

from inference.analysis.judging import (
    SCORE_AT,
    JudgeTools,
    Pitched,
    Separated,
    Sung,
    pitch,
    rules_of,
    score,
    sung_take,
    track_seconds,
)
from inference.analysis.jury.personas import PERSONAS
from inference.analysis.jury.speaking import Audience, speak_now
from inference.analysis.jury.tiers import Tier
from inference.analysis.references import read_reference
from inference.analysis.separating import Separation, separate
from inference.analysis.words_heard import hear_words
from inference.audio.working import FOLDER, MadeFrom, WorkingFiles
from inference.domain.rules import RULES_VERSION, ScoringRules
from inference.domain.take_score import Heard, Written
from inference.errors import TakeError, TakeMissingError
from inference.jobs.counting import count_bleed
from inference.jobs.takes import TakeStore
from inference.jobs.values import heard_bytes, read_heard, read_track, read_voice, track_bytes, voice_bytes
from inference.models.growing import Known

LOAD_AT, JURY_AT, STORE_AT = 0.01, 0.95, 0.99  # of the whole
SCORES_FILE = "score"


class Stage(StrEnum):
    """In the order in which they run."""

    CLOSE = "close"
    SEPARATE = "separate"
    PITCH = "pitch"
    WORDS = "words"
    SCORE = "score"
    JURY = "jury"
    STORE = "store"


class Closer(Protocol):
    """Seals the takes of a media server."""

    def close(self, session_id: str) -> str:
        """The key of the sealed take; empty where nothing was sung. Raises InferenceError."""
        ...


@dataclass(frozen=True, slots=True)
class Bench:
    """What every job of this process works with."""

    takes: TakeStore
    tools: JudgeTools
    closer: Closer | None  # None: who asks names a sealed take
    tiers: Sequence[Tier] = ()  # of models that find words for the jury
    known: Callable[[str], Known] | None = None  # what was found of a session's take while it was sung


def no_juror() -> None:
    """For who does not listen."""


class TakeStages:
    """One job in one process: keeps what it knows between stages, and reads what another process found."""

    def __init__(
        self,
        job_id: str,
        request: analysis_pb2.JudgeRequest,
        bench: Bench,
        on_progress: Callable[[int, float], None],
        on_juror: Callable[[], None] = no_juror,
    ) -> None:
        self._job_id = job_id
        self._request = request
        self._bench = bench
        self._tell = on_progress
        self._on_juror = on_juror
        self._files = bench.takes.working(request.session_id)
        self._take_key = request.take_key
        self.duration_s = 0.0  # of the take, once it is read

    def run(self, stage: Stage, take_key: str) -> str:
        """The key of what it found. Raises InferenceError, OSError."""
        self._take_key = take_key or self._take_key
        runs: dict[Stage, Callable[[], str]] = {
            Stage.CLOSE: self._close,
            Stage.SEPARATE: lambda: self._worked(self._separated, "voice"),
            Stage.PITCH: lambda: self._worked(self._pitched, "pitch"),
            Stage.WORDS: lambda: self._worked(self._heard, "words"),
            Stage.SCORE: lambda: self._worked(self._scores, SCORES_FILE),
            Stage.JURY: self._speak,
            Stage.STORE: self._store,
        }
        return runs[stage]()

    def _close(self) -> str:
        self._tell(analysis_pb2.JUDGE_STAGE_CLOSE, 0.0)
        if self._take_key or self._bench.closer is None:
            return self._take_key
        session_id = self._request.session_id
        self._bench.takes.check_spool(session_id)  # one without its beginning is left as it was found
        take_key = self._bench.closer.close(session_id)
        if not take_key:
            raise TakeMissingError("nothing was sung")
        return take_key

    def _worked(self, _found: object, name: str) -> str:
        """`_found` was worked out or read by being asked for."""
        return f"{self._request.session_id}/{FOLDER}/{name}"

    @cached_property
    def _sung(self) -> Sung:
        self._tell(analysis_pb2.JUDGE_STAGE_LOAD, LOAD_AT)
        take = self._bench.takes.take(self._take_key)
        if not take.sealed:
            raise TakeError("the take is still being sung")
        self.duration_s = take.duration_s
        return sung_take(take)

    @cached_property
    def _digest(self) -> bytes:
        return self._sung.digest

    @cached_property
    def _rules(self) -> ScoringRules:
        return rules_of(self._request.level)

    @cached_property
    def _written(self) -> Written:
        return read_reference(self._request.song, self._rules)

    @cached_property
    def _made_from(self) -> MadeFrom:
        """Of the take, the song and the rules."""
        rules = f"{RULES_VERSION} {_hash(repr(self._rules).encode())}"
        measured = _hash(self._sung.measured.tobytes())
        return {
            "take": self._digest.hex(),
            "measured": measured,
            "song": _hash(_bytes(self._request.song)),
            "rules": rules,
        }

    @cached_property
    def _separated(self) -> Separated:
        made_from = {**self._made_from, "separation": _way_of(self._bench.tools.separation)}
        known = self._files.read("voice", made_from)
        if known is not None:
            samples, bleed = read_voice(known)
            return Separated(self._sung if samples is None else replace(self._sung, samples=samples), bleed)
        self._tell(analysis_pb2.JUDGE_STAGE_SEPARATE, LOAD_AT)
        found = separate(self._sung, self._request.song, self._tell, self._bench.tools.separation)
        count_bleed(found.bleed.method if found.bleed is not None else "none")
        samples = None if found.voice.samples is self._sung.samples else found.voice.samples
        self._files.write("voice", made_from, voice_bytes(samples, found.bleed))
        return found

    @cached_property
    def _voice_digest(self) -> str:
        voice = self._separated.voice
        return (self._digest if voice.samples is self._sung.samples else voice.digest).hex()

    @cached_property
    def _pitched(self) -> Pitched:
        voice, estimator = self._separated.voice, self._bench.tools.estimator
        made_from = {
            "voice": self._voice_digest,
            "measured": _hash(voice.measured.tobytes()),
            "estimator": estimator.name,
            "hop_s": repr(self._rules.hop_s),
        }
        known = self._files.read("pitch", made_from)
        if known is not None:
            track = read_track(known)
            return Pitched(track, track_seconds(voice, track))
        followed = self._bench.known(self._request.session_id) if self._bench.known else None
        found = pitch(voice, estimator, self._rules, self._tell, followed)
        self._files.write("pitch", made_from, track_bytes(found.track))
        return found

    @cached_property
    def _heard(self) -> Heard:
        made_from = {**self._of_this_job, "voice": self._voice_digest}  # judged again, words are heard again
        known = self._files.read("words", made_from)
        if known is not None:
            return read_heard(known)
        voice, track, tools = self._separated.voice, self._pitched.track, self._bench.tools
        song = self._request.song
        found = hear_words(voice, song, self._written, track, tools.words, tools.no_words, self._tell)
        self._files.write("words", made_from, heard_bytes(found))
        return found

    @cached_property
    def _of_this_job(self) -> MadeFrom:
        return {**self._made_from, "job": self._job_id}

    @cached_property
    def _scores(self) -> verdict_pb2.Verdict:
        known = self._files.read(SCORES_FILE, self._of_this_job)
        if known is not None:
            return verdict_pb2.Verdict.FromString(known)
        self._tell(analysis_pb2.JUDGE_STAGE_SCORE, SCORE_AT)
        asked = self._request
        route_latency_s = asked.route_latency_s if asked.HasField("route_latency_s") else None
        found = score(
            self._separated, self._pitched, self._heard, asked.song, self._written, self._rules, route_latency_s
        )
        found.session_id = asked.session_id
        self._files.write(SCORES_FILE, self._of_this_job, _bytes(found))
        return found

    def _speak(self) -> str:
        """Each juror is kept as soon as it has spoken; whoever spoke before a crash is not asked again."""
        self._tell(analysis_pb2.JUDGE_STAGE_JURY, JURY_AT)
        made_from = self._of_this_job

        def keep(juror: verdict_pb2.Juror) -> None:
            name = juror_file(juror.persona, self._job_id)
            if self._files.read(name, made_from) is None:
                self._files.write(name, made_from, _bytes(juror))
            self._on_juror()

        asked = self._request
        audience = Audience(asked.language, asked.for_children, asked.song.title)
        spoken = read_jurors(self._files, made_from)
        speak_now(self._scores, audience, self._digest, self._bench.tiers, spoken, keep)
        return f"{asked.session_id}/{FOLDER}/juror"

    def _store(self) -> str:
        """A take has one verdict: the first that was kept."""
        self._tell(analysis_pb2.JUDGE_STAGE_STORE, STORE_AT)
        session_id = self._request.session_id
        if self._bench.takes.verdict(session_id) is None:
            if len(read_jurors(self._files, self._of_this_job)) < len(PERSONAS):
                self._speak()  # a power cut took a juror's words after it had spoken
            verdict = verdict_pb2.Verdict()
            verdict.CopyFrom(self._scores)
            verdict.jury.extend(read_jurors(self._files, self._of_this_job))
            self._bench.takes.keep_verdict(session_id, verdict)
        return f"{session_id}/verdict.pb"

    @property
    def told(self) -> MadeFrom:
        """What the scores and the jurors' files were made from: for who tells them to a listener."""
        return self._of_this_job


def _way_of(separation: Separation | None) -> str:
    """A house that learns to split, or is told another way, does not take what it found before."""
    if separation is None:
        return "none"
    can_split = separation.network is not None and not separation.network.missing()
    return f"{separation.mode}, {'can' if can_split else 'cannot'} split"


def juror_file(persona: str, job_id: str) -> str:
    """One for each attempt: two that overlap do not take each other's words away."""
    return f"juror.{job_id.partition('.')[2] or '0'}.{persona}"


def read_jurors(files: WorkingFiles, made_from: MadeFrom) -> list[verdict_pb2.Juror]:
    """Those who have spoken in the job that `made_from` names, in the jury's own order."""
    known = (files.read(juror_file(persona.id, made_from["job"]), made_from) for persona in PERSONAS)
    return [verdict_pb2.Juror.FromString(data) for data in known if data is not None]


def _bytes(message: Message) -> bytes:
    return message.SerializeToString(deterministic=True)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
