"""Who hears words, as the operator set it: Whisper in this process, a server of the house, Groq, or nobody."""

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from inference.analysis.words.original import Originals
from inference.analysis.words.recogniser import Recogniser
from inference.analysis.words.tiers import Tier
from inference.analysis.words.whisper import MISSING, WhisperTier
from inference.analysis.words_heard import WordTools
from inference.models.card import FinalAfter
from inference.service.config import Settings

URL = r"^$|^https?://[^\s/?#@]+(/[^\s?#]*)?$"
MODEL = r"^[\w.:/@-]{0,200}$"
ORDER = r"^((whisper|server|groq)(,(whisper|server|groq)){0,2}|none)$"
OFF = "hearing words is switched off here"


class WordSettings(BaseSettings):
    """VOICEJURY_*; see deploy/env.example."""

    model_config = SettingsConfigDict(env_prefix="VOICEJURY_", env_ignore_empty=True)

    word_tiers: str = Field("whisper,server,groq", pattern=ORDER)  # in the order in which they are asked
    whisper_window_s: float = Field(30.0, ge=1.0, le=30.0)  # of the Whisper in this process
    whisper_url: str = Field("", pattern=URL)  # of an OpenAI-compatible speech server, with its /v1
    whisper_server_model: str = Field("Systran/faster-whisper-small", pattern=MODEL)
    whisper_key: SecretStr = SecretStr("")
    groq_key: SecretStr = SecretStr("")  # without one Groq is not asked
    groq_url: str = Field("https://api.groq.com/openai/v1", pattern=URL)
    groq_model: str = Field("whisper-large-v3-turbo", pattern=MODEL)
    words_timeout_s: float = Field(10.0, gt=0.0, le=120.0)  # of a server, for one line

    @field_validator("whisper_url", "groq_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")


def word_tools(settings: Settings, words: WordSettings) -> tuple[WordTools | None, str]:
    """The tools, or why there are none."""
    if words.word_tiers == "none":
        return None, OFF
    tiers = [tier for name in words.word_tiers.split(",") if (tier := _tier(name, settings, words)) is not None]
    if not tiers:
        return None, MISSING
    return WordTools(Recogniser(tiers), Originals(settings.songs)), ""


def _tier(name: str, settings: Settings, words: WordSettings) -> Tier | None:
    """None where it is not set up."""
    if name == "whisper":
        folder = settings.whisper_folder
        return WhisperTier(folder, words.whisper_window_s, FinalAfter(settings.card_lock)) if folder else None
    url, model, key = _server(name, words)
    if not url or (name == "groq" and not key):
        return None
    from inference.analysis.words.server import Address, ServerTier  # OpenAI's client takes a second to import

    return ServerTier(Address(name, url, model, key), words.words_timeout_s)


def _server(name: str, words: WordSettings) -> tuple[str, str, str]:
    """URL, model and key."""
    if name == "server":
        return words.whisper_url, words.whisper_server_model, words.whisper_key.get_secret_value()
    return words.groq_url, words.groq_model, words.groq_key.get_secret_value()
