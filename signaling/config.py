"""Settings of signaling, from the environment (documented in deploy/env.example)."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import Field, Json, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from voicejury.fileurl import plain_file_url
from voicejury.tokens import MIN_SECRET_BYTES

REPOSITORY = Path(__file__).resolve().parent.parent
HOST_PORT = r"^[^\s/]+:\d{1,5}$"
HTTP_URL = r"^https?://[^\s/]+(/\S*)?$"


class Settings(BaseSettings):
    """Every field is VOICEJURY_<NAME>, but for what hosts and outside services name themselves."""

    model_config = SettingsConfigDict(env_prefix="VOICEJURY_", env_ignore_empty=True, populate_by_name=True)

    secret: SecretStr
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    tls_cert: Path | None = None
    tls_key: Path | None = None
    media_url: str = Field(pattern=HOST_PORT)
    live_url: str = Field(pattern=HOST_PORT)
    analysis_url: str = Field(pattern=HOST_PORT)
    ice_servers: Json[list[dict[str, Any]]] = Field(default="[]", validate_default=True)
    page_dir: Path = REPOSITORY / "frontend" / "dist"
    rate_per_minute: int = Field(default=120, ge=1)  # starts and offers of one address; as many ends
    session_spare_s: float = Field(default=1800.0, gt=0)  # token life beyond the song's length, up to 40 min in all
    take_ttl_s: float = Field(default=7200.0, gt=0)  # of media_server; a session without a verdict is kept as long
    judge_patience_s: float = Field(default=600.0, gt=0)  # how long an absent judge is asked again
    audio_url: str = Field(
        default="", pattern=r"^$|^file:///\S"
    )  # of the takes; empty = the takes folder inside data_dir
    reference_url: str = Field(default="", pattern=rf"^$|{HOST_PORT}")  # empty: songs cannot be prepared here
    stems_url: str = ""  # fsspec URL, shared with the reference service; empty = the stems folder inside data_dir
    session_files_ttl_s: float = Field(default=7200.0, gt=0)  # downloads and stems of a session, after its end
    reference_budget_bytes: int = Field(default=20 * 1024**3, ge=0)  # prepared songs; the least recently sung go first
    max_upload_bytes: int = Field(default=200 * 1024**2, gt=0)
    max_source_s: float = Field(default=20 * 60.0, gt=0)  # the longest recording that is taken in
    watched_dir: Path | None = None  # a folder whose songs are taken in by themselves
    music_dir: Path | None = None  # the music folder of a Jellyfin or Navidrome library, read only
    youtube: bool = True
    youtube_cookies: Path | None = None  # a Netscape cookies file, for the bot wall
    source_hosts: str = (
        "youtube.com,www.youtube.com,m.youtube.com,music.youtube.com,youtu.be"  # of addresses from users
    )
    node_path: Path | None = None  # the JavaScript runtime of yt-dlp; empty: the one on PATH or of set-up
    spotify_client_id: SecretStr = Field(default=SecretStr(""), validation_alias="SPOTIFY_CLIENT_ID")
    spotify_client_secret: SecretStr = Field(default=SecretStr(""), validation_alias="SPOTIFY_CLIENT_SECRET")
    spotify_market: str = Field(default="FR", pattern=r"^[A-Z]{2}$", validation_alias="SPOTIFY_MARKET")
    spotify_api_url: str = Field(
        default="https://api.spotify.com/v1", pattern=HTTP_URL, validation_alias="SPOTIFY_API_URL"
    )
    spotify_token_url: str = Field(
        default="https://accounts.spotify.com/api/token", pattern=HTTP_URL, validation_alias="SPOTIFY_TOKEN_URL"
    )
    lrclib_url: str = Field(default="https://lrclib.net", pattern=HTTP_URL, validation_alias="LRCLIB_URL")
    genius_token: SecretStr = Field(default=SecretStr(""), validation_alias="GENIUS_TOKEN")
    genius_api_url: str = Field(default="https://api.genius.com", pattern=HTTP_URL, validation_alias="GENIUS_API_URL")
    genius_url: str = Field(default="https://genius.com", pattern=HTTP_URL, validation_alias="GENIUS_URL")
    lyrics_days: int = Field(default=90, ge=90, le=365)
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    redis_url: str = Field(default="", validation_alias="REDIS_URL")

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value().encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"must be at least {MIN_SECRET_BYTES} bytes long")
        return secret

    @property
    def takes_dir(self) -> Path:
        """Where media_server writes takes: always a local folder."""
        return Path(unquote(urlsplit(self.audio_url).path)) if self.audio_url else self.data_dir.absolute() / "takes"

    @property
    def stems(self) -> str:
        """The fsspec URL under which recordings and stems pass between signaling and the reference service."""
        return plain_file_url(self.stems_url or (self.data_dir.absolute() / "stems").as_uri())

    @property
    def sql_url(self) -> str:
        """The SQLAlchemy URL with the asynchronous driver that this house uses."""
        if not self.database_url:
            return f"sqlite+aiosqlite:///{self.data_dir.absolute() / 'voicejury.db'}"
        scheme, rest = self.database_url.split("://", 1)
        drivers = {"postgres": "postgresql+asyncpg", "postgresql": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}
        return f"{drivers.get(scheme, scheme)}://{rest}"
