"""The language models that find the jurors' words, as the operator set them; without any the grammar speaks."""

from typing import TYPE_CHECKING

from inference.service.jury_settings import JurySettings

if TYPE_CHECKING:
    from inference.analysis.jury.models import OpenAiTier


def jury_tiers(settings: JurySettings) -> tuple["OpenAiTier", ...]:
    """In the order in which they are asked. A server without a model's name is none."""
    has_llm = bool(settings.llm_url and settings.llm_model)
    has_ollama = bool(settings.ollama_url and settings.ollama_model)
    if not has_llm and not has_ollama:
        return ()
    from inference.analysis.jury.models import Address, OpenAiTier  # OpenAI's client takes a second to import

    tiers = []
    if has_llm:
        key = settings.llm_key.get_secret_value()
        tiers.append(OpenAiTier(Address("openai", settings.llm_url, settings.llm_model, key)))
    if has_ollama:
        base_url = f"{settings.ollama_url.removesuffix('/v1')}/v1"
        tiers.append(OpenAiTier(Address("ollama", base_url, settings.ollama_model)))
    return tuple(tiers)
