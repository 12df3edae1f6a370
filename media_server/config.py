"""The environment of media_server, read once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from voicejury.tokens import MIN_SECRET_BYTES

from media_server.errors import StartupError


class ReceiverKind(StrEnum):
    TAP = "tap"
    AIORTC = "aiortc"


class IceServer(BaseModel):
    model_config = ConfigDict(frozen=True)

    urls: str | list[str]
    username: str | None = None
    credential: str | None = None


class Settings(BaseSettings):
    """Each field is VOICEJURY_<NAME>; deploy/env.example tells them all."""

    model_config = SettingsConfigDict(env_prefix="VOICEJURY_", frozen=True, env_ignore_empty=True)

    secret: str = Field(min_length=MIN_SECRET_BYTES)
    data_dir: Path = Path("data")
    audio_url: str = ""
    listen: str = "127.0.0.1:0"
    live_url: str = "127.0.0.1:50052"
    analysis_url: str = (
        ""  # works on takes while they are sung; empty: they are judged afterwards, and no words are told
    )
    media_addresses: Annotated[tuple[str, ...], NoDecode] = ("127.0.0.1",)
    ice_servers: list[IceServer] = []
    receiver: ReceiverKind = ReceiverKind.TAP
    max_peers: int = Field(default=60, ge=1)
    max_loop_lag_ms: float = Field(default=20.0, gt=0)  # p95; above it calls begin to fail their consent checks
    connect_timeout_s: float = Field(default=12.0, gt=0)
    mic_lost_s: float = Field(default=1.5, gt=0)
    peer_lost_s: float = Field(default=10.0, gt=0)
    resume_s: float = Field(default=60.0, gt=0)
    media_metrics_port: int | None = Field(default=None, ge=0, le=65_535)  # Prometheus on loopback; unset = not served
    take_ttl_s: float = Field(default=7200.0, gt=0)

    @field_validator("media_addresses", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @property
    def takes_dir(self) -> Path:
        """The local folder behind VOICEJURY_AUDIO_URL; raises StartupError for any other scheme."""
        if not self.audio_url:
            return self.data_dir / "takes"
        url = urlsplit(self.audio_url)
        if url.scheme not in ("", "file"):
            raise StartupError("VOICEJURY_AUDIO_URL: media_server writes takes to a local folder, use file://")
        return Path(unquote(url.path))
