"""The language models that find the jurors' words, as the operator set them; without any the grammar speaks."""

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from inference.analysis.jury.models import Address, OpenAiTier

URL = r"^$|^https?://[^\s/?#@]+(/[^\s?#]*)?$"
MODEL = r"^[\w.:/@-]{0,200}$"


class JurySettings(BaseSettings):
    """VOICEJURY_*; see deploy/env.example."""

    model_config = SettingsConfigDict(env_prefix="VOICEJURY_", env_ignore_empty=True)

    llm_url: str = Field("", pattern=URL)  # of any OpenAI-compatible server, with its /v1
    llm_model: str = Field("", pattern=MODEL)
    llm_key: SecretStr = SecretStr("")
    ollama_url: str = Field("", pattern=URL)  # without /v1
    ollama_model: str = Field("", pattern=MODEL)

    @field_validator("llm_url", "ollama_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")


def jury_tiers(settings: JurySettings) -> tuple[OpenAiTier, ...]:
    """In the order in which they are asked. A server without a model's name is none."""
    tiers = []
    if settings.llm_url and settings.llm_model:
        key = settings.llm_key.get_secret_value()
        tiers.append(OpenAiTier(Address("openai", settings.llm_url, settings.llm_model, key)))
    if settings.ollama_url and settings.ollama_model:
        base_url = f"{settings.ollama_url.removesuffix('/v1')}/v1"
        tiers.append(OpenAiTier(Address("ollama", base_url, settings.ollama_model)))
    return tuple(tiers)
