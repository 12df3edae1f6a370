"""The karaoke pair of an UltraStar song: the files of its #INSTRUMENTAL and #VOCALS."""

from dataclasses import dataclass
from pathlib import Path

from signaling.errors import SongAudioError
from signaling.songs.audio import AudioFacts, probe_audio

PAIR_TOLERANCE_S = 0.5  # against the whole recording, whose times the notes are written in


@dataclass(frozen=True, slots=True)
class KaraokePair:
    backing: Path
    backing_facts: AudioFacts
    voice: Path


def karaoke_pair(backing: Path, voice: Path, whole: AudioFacts) -> KaraokePair:
    """Raises SongAudioError where they cannot be played, or do not belong to the whole recording."""
    facts = {path: probe_audio(path) for path in (backing, voice)}
    if len(facts) < 2:
        raise SongAudioError(f"{backing}: #INSTRUMENTAL and #VOCALS name one file")
    for path, part in facts.items():
        if abs(part.duration_s - whole.duration_s) > PAIR_TOLERANCE_S:
            raise SongAudioError(f"{path}: {part.duration_s:.1f} s long, the whole song {whole.duration_s:.1f} s")
    return KaraokePair(backing, facts[backing], voice)
