"""Demucs' networks from a folder: as its hub keeps them (safetensors), or as it was published first (.th)."""

from pathlib import Path
from typing import Any

from demucs.apply import BagOfModels
from demucs.hf import load_safetensors_model
from demucs.repo import AnyModelRepo, BagOnlyRepo, LocalRepo, ModelLoadingError
from safetensors import SafetensorError, safe_open

from inference.errors import ModelMissingError

OWN_CLASSES = "demucs."  # a file of weights names the class to build: no other than Demucs' own


class WeightsFolder(LocalRepo):  # type: ignore[misc]  # demucs has no types
    """Finds one network by its signature."""

    def has_model(self, sig: str) -> bool:
        return self._safetensors(sig).is_file() or super().has_model(sig)

    def get_model(self, sig: str) -> Any:
        path = self._safetensors(sig)
        if not path.is_file():
            return super().get_model(sig)
        with safe_open(str(path), framework="pt") as file:
            named = (file.metadata() or {}).get("klass", "")
        if not named.startswith(OWN_CLASSES):
            raise ModelLoadingError(f"{path.name} names no network of Demucs")
        return load_safetensors_model(path)

    def _safetensors(self, sig: str) -> Path:
        return Path(self.root) / f"{sig}.safetensors"


def load_bag(folder: Path, name: str) -> Any:
    """The bag of that name, a single network as a bag of one. Raises ModelMissingError."""
    remedy = f"fetch it again: `voicejury models fetch {name}`"
    try:
        single = WeightsFolder(folder)
        found = AnyModelRepo(single, BagOnlyRepo(folder, single)).get_model(name)
    except ModelLoadingError as error:
        raise ModelMissingError(f"the weights of {name} are not complete ({error}): {remedy}") from error
    except (OSError, RuntimeError, KeyError, ValueError, SafetensorError) as error:
        raise ModelMissingError(f"the weights of {name} cannot be read: {remedy}") from error
    return found if isinstance(found, BagOfModels) else BagOfModels([found])


def vocal_networks(bag: Any) -> tuple[list[tuple[Any, float]], int]:
    """The networks of a bag that say anything about the voice, each with its share, and the voice's place in them."""
    if "vocals" not in bag.sources:
        raise ModelMissingError("the model does not split off a voice")
    place = bag.sources.index("vocals")
    whole = sum(weights[place] for weights in bag.weights)
    parts = zip(bag.models, bag.weights, strict=True)
    return [(model, weights[place] / whole) for model, weights in parts if weights[place]], place
