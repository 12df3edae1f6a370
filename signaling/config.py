"""Settings of signaling, from the environment (documented in deploy/env.example)."""

from pathlib import Path
from typing import Any

from pydantic import Field, Json, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from voicejury.tokens import MIN_SECRET_BYTES

REPOSITORY = Path(__file__).resolve().parent.parent
HOST_PORT = r"^[^\s/]+:\d{1,5}$"


class Settings(BaseSettings):
    """Every field is VOICEJURY_<NAME> but the two URLs, which keep the names that hosts give them."""

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
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    redis_url: str = Field(default="", validation_alias="REDIS_URL")

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value().encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"must be at least {MIN_SECRET_BYTES} bytes long")
        return secret

    @property
    def sql_url(self) -> str:
        """The SQLAlchemy URL with the asynchronous driver that this house uses."""
        if not self.database_url:
            return f"sqlite+aiosqlite:///{self.data_dir.absolute() / 'voicejury.db'}"
        scheme, rest = self.database_url.split("://", 1)
        drivers = {"postgres": "postgresql+asyncpg", "postgresql": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}
        return f"{drivers.get(scheme, scheme)}://{rest}"
