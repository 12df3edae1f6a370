"""The network that splits songs, as the settings want it."""

import os

from inference.models.card import FinalAfter
from inference.models.demucs_options import DemucsOptions
from inference.models.demucs_separator import DemucsSeparator
from inference.models.separator import Separator
from inference.service.config import Settings
from inference.service.ollama_room import ollama_room


def build_separator(settings: Settings) -> Separator:
    """Loads nothing yet."""
    return DemucsSeparator(
        DemucsOptions(
            folder=settings.demucs_weights,
            model=settings.demucs_model,
            segment_s=settings.demucs_segment_s,
            overlap=settings.demucs_overlap,
            shifts=settings.demucs_shifts,
            batch=settings.demucs_batch,
            precision=settings.demucs_precision,
            device=settings.demucs_device,
            threads=max(1, (os.cpu_count() or 2) - 1),  # live singers keep a core
        ),
        give_room=ollama_room(settings),
        final=FinalAfter(settings.card_lock),
        idle_s=settings.model_idle_s or None,
    )
