"""The language models that find the jurors' words, as the operator set them; without any the grammar speaks."""

from inference.analysis.jury.models import Address, OpenAiTier
from inference.service.jury_settings import JurySettings


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
