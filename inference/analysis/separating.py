"""The first stage of the judging: the voice without the backing that a loudspeaker put into the microphone."""

from dataclasses import dataclass

from voicejury.v1 import song_pb2, verdict_pb2

from inference.analysis.sung import OnProgress, Sung, no_progress


@dataclass(frozen=True, slots=True)
class Separated:
    """What the stages behind it hear as the voice, and what was done to get it."""

    voice: Sung
    bleed: verdict_pb2.Bleed | None  # None: nobody looked


def separate(sung: Sung, song: song_pb2.Song, on_progress: OnProgress = no_progress) -> Separated:
    """Nothing is cancelled yet: the voice is the take as it came."""
    return Separated(sung, None)
