"""Settings of the language models that find the jurors' words; a part of the judge's."""

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

URL = r"^$|^https?://[^\s/?#@]+(/[^\s?#]*)?$"
MODEL = r"^[\w.:/@-]{0,200}$"


class JurySettings(BaseSettings):
    """VOICEJURY_*; see deploy/env.example."""

    model_config = SettingsConfigDict(env_prefix="VOICEJURY_", env_ignore_empty=True)

    llm_url: str = Field("", pattern=URL)  # of any OpenAI-compatible server, with its /v1
    llm_model: str = Field("", pattern=MODEL)
    llm_key: SecretStr = SecretStr("")
    ollama_url: str = Field("", pattern=URL)
    ollama_model: str = Field("", pattern=MODEL)

    @field_validator("llm_url", "ollama_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")
