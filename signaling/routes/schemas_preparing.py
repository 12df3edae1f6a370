"""What starting a session with any song takes and gives."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from signaling.routes.schemas import PLAIN_ID, Request, SingerName, plain_name

TRACK_ID = r"^(spotify|youtube|folder|song):[A-Za-z0-9_-]{1,190}$"
MAX_URL_CHARACTERS = 2000
SongName = Annotated[str, BeforeValidator(plain_name), Field(min_length=1, max_length=300)]
SourceId = Annotated[str, Field(min_length=1, max_length=200, pattern=PLAIN_ID)]
Url = Annotated[str, Field(min_length=8, max_length=MAX_URL_CHARACTERS, pattern=r"^https?://[^\s\x00-\x1f\x7f]+$")]


class WantedTrack(Request):
    """A track of the search."""

    id: str = Field(pattern=TRACK_ID)
    title: SongName
    artist: SongName
    duration_s: float | None = Field(default=None, gt=0, le=7200)


class WantedSource(Request):
    """Either a source that the house knows, or an address of an allowed host."""

    source_id: SourceId | None = None
    url: Url | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.source_id is None) == (self.url is None):
            raise ValueError("give either source_id or url")
        return self


class StartRequest(Request):
    """Exactly one of `song_id`, `track` and `source`."""

    song_id: str | None = Field(default=None, min_length=1, max_length=64, pattern=PLAIN_ID)
    track: WantedTrack | None = None
    source: WantedSource | None = None
    singer: SingerName | None = None
    level: Literal["kind", "normal", "strict"] = "normal"
    language: Literal["fr", "en"] = "fr"
    key_shift_semitones: float = Field(default=0.0, ge=-12, le=12)
    tempo: float = Field(default=1.0, ge=0.5, le=1.5)
    for_children: bool = False  # how the jury speaks

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(given is not None for given in (self.song_id, self.track, self.source)) != 1:
            raise ValueError("give one of song_id, track and source")
        return self


class FallbackRequest(WantedSource):
    session_id: str = Field(min_length=1, max_length=64, pattern=PLAIN_ID)


class FallbackReply(BaseModel):
    state: str
    source_id: str


class Ability(BaseModel):
    name: str = Field(description="search, youtube, lyrics, separation, word-times, whisper")
    is_there: bool
    detail: str = Field(description="what is in use, or what is missing and the remedy")


class UploadLimits(BaseModel):
    bytes: int = Field(description="of all recordings of one upload together")
    duration_s: float = Field(description="of one recording")


class AbilitiesReply(BaseModel):
    abilities: list[Ability]
    upload_limits: UploadLimits
