"""Settings of the judge, from the environment (VOICEJURY_*); see deploy/env.example."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from voicejury.tokens import MIN_SECRET_BYTES


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="VOICEJURY_", env_ignore_empty=True)

    secret: SecretStr
    listen: str = Field("127.0.0.1:0", pattern=r"^.+:\d{1,5}$")  # host:port of gRPC; port 0 takes a free one
    data_dir: Path = Path("data")
    audio_url: str = ""  # fsspec URL of the takes; empty = the takes folder inside data_dir
    live_pitch: Literal["auto", "tiny", "swift-f0"] = "auto"
    final_pitch: Literal["auto", "tiny", "full", "swift-f0"] = "auto"
    whisper_model: Path | None = None  # a folder with a CTranslate2 Whisper
    metrics_port: int | None = Field(None, ge=0, le=65_535)  # Prometheus on loopback; not served where unset

    @field_validator("secret")
    @classmethod
    def _is_long_enough(cls, secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value().encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"must be at least {MIN_SECRET_BYTES} bytes long")
        return secret

    @property
    def takes_url(self) -> str:
        return self.audio_url or (self.data_dir.resolve() / "takes").as_uri()
