"""The song of a preparation: what is known of it before, and what becomes of the service's answer."""

import bisect
import math
from collections.abc import Sequence

from voicejury.v1 import reference_pb2, song_pb2

from signaling.errors import SongFormatError, SourceError
from signaling.lyrics.lines import FoundLyrics, LyricLine
from signaling.lyrics.naming import namings
from signaling.songs.catalogue import slug
from signaling.songs.ultrastar import parse_song_text
from signaling.sources.model import Fetched, Kind, Source

MAX_SLUG = 50  # leaves room for the mark
MARK = 12  # characters of the content hash; the rest of a song id is for people
NO_LYRICS = "no-lyrics"
WORDS_DIFFER = "words-differ"
LEAST_LISTENED = 5  # lines; of fewer nothing is said
LEAST_FOLLOWED = 0.15  # of them; a voice that is hard to follow has more
PAGES = (Kind.YOUTUBE, Kind.LINK)
LONGEST_LAST_LINE_S = 8.0


def song_id_of(song: song_pb2.Song) -> str:
    """The same for the same content under the same name."""
    return f"{slug(song.artist, song.title)[:MAX_SLUG].strip('-')}-{song.content_hash[:MARK]}"


def names_of(source: Source, fetched: Fetched) -> tuple[str, str]:
    """Title and artist: of the track that it was found for, else as its place tells them."""
    title = source.details.get("track_title") or source.title or fetched.title
    return str(title), str(source.details.get("track_artist") or source.artist or fetched.artist)


def _song_names(source: Source, fetched: Fetched) -> tuple[str, str]:
    """Without what the page of a video adds."""
    given = names_of(source, fetched)
    is_page = source.kind in PAGES and not source.details.get("track_title")
    return namings(*given)[-1] if is_page else given


def written_voices(fetched: Fetched) -> tuple[song_pb2.Voice, ...]:
    """Notes and words of the UltraStar song that came with the recording; empty where none did. Raises SourceError."""
    try:
        return parse_song_text(fetched.song_text).voices if fetched.song_text else ()
    except SongFormatError as error:  # it was read when it was taken in, by another version
        raise SourceError("no-source", "The notes of this song cannot be read; upload it again.") from error


def known_song(
    source: Source, fetched: Fetched, lyrics: FoundLyrics | None, written: Sequence[song_pb2.Voice] = ()
) -> song_pb2.Song:
    """What is known before the recording was listened to: written notes, or timed lines as phrases without notes."""
    title, artist = _song_names(source, fetched)
    song = song_pb2.Song(
        title=title,
        artist=artist,
        language=fetched.language or (lyrics.language if lyrics is not None else ""),
        source=source.kind.value,
        source_id=source.id,
        content_hash=fetched.content_hash,
        duration_s=fetched.duration_s,
    )
    song.id = song_id_of(song)
    song.voices.extend(written)
    if not written and lyrics is not None and lyrics.is_synced:
        phrases = _phrases(lyrics.lines_at_offset(), fetched.duration_s)
        song.voices.add(name="P1").reference.melody.phrases.extend(phrases)
    return song


def _phrases(lines: Sequence[LyricLine], duration_s: float) -> list[song_pb2.Phrase]:
    timed = [line for line in lines if line.text.strip() and line.onset_s is not None and line.onset_s < duration_s]
    ends = [line.onset_s for line in timed[1:]] + [duration_s]
    phrases = []
    for line, next_s in zip(timed, ends, strict=True):
        onset_s, latest_s = line.onset_s or 0.0, next_s if next_s is not None else math.inf
        offset_s = line.offset_s if line.offset_s is not None else min(onset_s + LONGEST_LAST_LINE_S, latest_s)
        phrases.append(song_pb2.Phrase(onset_s=onset_s, offset_s=max(offset_s, onset_s), text=line.text))
    return phrases


def words_request(song: song_pb2.Song, lyrics: FoundLyrics) -> reference_pb2.AlignWordsRequest:
    lines = [timed_line(line) for line in lyrics.lines_at_offset() if line.text.strip()]
    language = song.language or lyrics.language
    return reference_pb2.AlignWordsRequest(
        content_hash=song.content_hash, song=song, language=language, lines=lines, method="auto"
    )


def timed_line(line: LyricLine) -> reference_pb2.TimedLine:
    message = reference_pb2.TimedLine(text=line.text, onset_s=line.onset_s, offset_s=line.offset_s)
    for word in line.words:
        offset_s = word.offset_s if word.offset_s is not None else 0.0  # 0: not known
        message.words.add(text=word.text, onset_s=word.onset_s, offset_s=offset_s)
    return message


def with_words(song: song_pb2.Song, found: song_pb2.Lyrics, source: str) -> song_pb2.Song:
    """A copy that sings these words, each on the phrase sung at its time; phrases without a text get that of theirs."""
    new = song_pb2.Song()
    new.CopyFrom(song)
    reference = new.voices[0].reference
    reference.lyrics.CopyFrom(_on_phrases(found, reference.melody.phrases))
    reference.lyrics.source = found.source or source
    new.language = new.language or found.language
    for index, phrase in enumerate(reference.melody.phrases):
        if not phrase.text:
            phrase.text = " ".join(word.text for word in reference.lyrics.words if word.phrase == index)
    if found.words and new.HasField("confidence"):
        kept = [remark for remark in new.confidence.remarks if remark != NO_LYRICS]
        new.confidence.remarks[:] = kept
    return new


def sung_words(song: song_pb2.Song, reply: reference_pb2.AlignWordsReply, source: str) -> song_pb2.Song:
    """A copy that sings these words, remarked where the voice hardly sings them: those of another song."""
    new = with_words(song, reply.lyrics, source)
    is_heard = reply.followed_lines > LEAST_FOLLOWED * reply.listened_lines
    if reply.listened_lines >= LEAST_LISTENED and not is_heard and new.HasField("confidence"):
        kept = [remark for remark in new.confidence.remarks if remark != WORDS_DIFFER]
        new.confidence.remarks[:] = [*kept, WORDS_DIFFER]
    return new


def _on_phrases(lyrics: song_pb2.Lyrics, phrases: Sequence[song_pb2.Phrase]) -> song_pb2.Lyrics:
    """A copy whose words lie on the phrases that are sung at their times: lines of lyrics may be other ones."""
    placed = song_pb2.Lyrics()
    placed.CopyFrom(lyrics)
    onsets_s = [phrase.onset_s for phrase in phrases]
    for word in placed.words:
        middle_s = (word.onset_s + word.offset_s) / 2
        word.phrase = max(bisect.bisect_right(onsets_s, middle_s) - 1, 0)
    return placed
