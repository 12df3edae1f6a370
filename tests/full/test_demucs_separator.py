"""Our way through a song beside demucs' own `apply_model`, with a small network of Demucs' real code."""

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from demucs.apply import BagOfModels, apply_model
from demucs.pretrained import get_model
from numpy.typing import NDArray

from inference.errors import ModelMissingError
from inference.models.demucs_network import DemucsNetwork
from inference.models.demucs_options import DemucsOptions
from inference.models.demucs_separator import DemucsSeparator
from inference.models.separator import SEPARATION_RATE_HZ
from tests.support.tiny_demucs import write_safetensors, write_th

NAME = "tiny"
Stereo = NDArray[np.float32]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_th(tmp_path_factory.mktemp("tiny") / NAME, NAME)


def noisy_song(seconds: float, seed: int = 0) -> Stereo:
    rng = np.random.default_rng(seed)
    samples = round(seconds * SEPARATION_RATE_HZ)
    time_s = np.arange(samples) / SEPARATION_RATE_HZ
    tone = 0.3 * np.sin(2 * np.pi * 220 * time_s) * (1 + np.sin(2 * np.pi * 0.7 * time_s))
    return np.asarray(0.02 + tone + 0.1 * rng.standard_normal((2, samples)), np.float32)


def by_demucs(model: BagOfModels, mix: Stereo, overlap: float) -> Stereo:
    """The voice as demucs.api.Separator computes it."""
    wave = torch.from_numpy(mix.copy())
    mono = wave.mean(0)
    mean, deviation = mono.mean(), mono.std() + 1e-8
    out = apply_model(model, ((wave - mean) / deviation)[None], shifts=0, split=True, overlap=overlap)[0]
    return np.asarray((out[model.sources.index("vocals")] * deviation + mean).numpy())


def options(folder: Path, **wishes: Any) -> DemucsOptions:
    return DemucsOptions(folder, NAME, **{"overlap": 0.25, "precision": "float32", **wishes})


def no_progress(_done: float) -> None:
    """For who does not ask."""


def loudness(sound: Stereo) -> float:
    return float(np.sqrt(np.mean(sound**2)))


def apart_db(found: Stereo, expected: Stereo) -> float:
    return 20 * float(np.log10(max(loudness(found - expected), 1e-12) / loudness(expected)))


@pytest.mark.parametrize(
    ("seconds", "batch", "overlap"), [(0.4, 1, 0.25), (1.0, 2, 0.1), (3.3, 3, 0.25), (3.3, 1, 0.1)]
)
def test_batched_segments_give_what_apply_model_gives(folder: Path, seconds: float, batch: int, overlap: float) -> None:
    mix = noisy_song(seconds)
    expected = by_demucs(get_model(NAME, repo=folder), mix, overlap)
    found = DemucsNetwork(options(folder, batch=batch, overlap=overlap)).vocals(mix, no_progress)
    assert loudness(expected) > 1e-3
    assert apart_db(found, expected) < -80


def test_of_a_bag_only_what_speaks_of_the_voice_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As htdemucs_ft: four networks, one for each source."""
    signatures = ("aaaa0001", "aaaa0002")
    write_th(tmp_path / NAME, NAME, signatures=signatures, weights=[[1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    mix = noisy_song(1.6)
    expected = by_demucs(get_model(NAME, repo=tmp_path / NAME), mix, 0.25)
    network = DemucsNetwork(options(tmp_path / NAME))
    assert len(network._networks) == 1
    assert apart_db(network.vocals(mix, no_progress), expected) < -80


def test_weights_as_the_hub_keeps_them_are_the_same_network(tmp_path: Path, folder: Path) -> None:
    write_safetensors(tmp_path / NAME, NAME)
    mix = noisy_song(1.2)
    by_th = DemucsNetwork(options(folder)).vocals(mix, no_progress)
    assert apart_db(DemucsNetwork(options(tmp_path / NAME)).vocals(mix, no_progress), by_th) < -80


def test_a_file_of_weights_that_names_a_foreign_class_is_refused(tmp_path: Path) -> None:
    write_safetensors(tmp_path / NAME, NAME, klass="subprocess.Popen")
    with pytest.raises(ModelMissingError, match="names no network of Demucs"):
        DemucsNetwork(options(tmp_path / NAME))


def test_damaged_weights_are_told_with_the_remedy(tmp_path: Path) -> None:
    write_safetensors(tmp_path / NAME, NAME)
    weights = tmp_path / NAME / "aaaa0001.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelMissingError, match="voicejury models fetch tiny"):
        DemucsNetwork(options(tmp_path / NAME))


def test_missing_weights_are_told_before_anything_is_loaded(tmp_path: Path) -> None:
    separator = DemucsSeparator(options(tmp_path / "nothing"))
    assert separator.missing() == "the weights of tiny are not installed: run `voicejury models fetch tiny`"
    with pytest.raises(ModelMissingError, match="models fetch tiny"):
        separator.split(noisy_song(0.1), no_progress)


def test_voice_and_backing_are_the_song_again(folder: Path) -> None:
    mix = noisy_song(1.5)
    separator = DemucsSeparator(options(folder))
    assert separator.missing() == ""
    split = separator.split(mix.copy(), no_progress)
    assert loudness(split.vocals) > 1e-3
    assert float(np.abs(split.vocals + split.instrumental - mix).max()) < 1e-6


def test_bfloat16_changes_the_voice_by_little(folder: Path) -> None:
    mix = noisy_song(1.5)
    exact = DemucsNetwork(options(folder)).vocals(mix, no_progress)
    half = DemucsNetwork(options(folder, precision="bfloat16")).vocals(mix, no_progress)
    assert -70 < apart_db(half, exact) < -25


def test_shifted_passes_differ_little_from_one(folder: Path) -> None:
    mix = noisy_song(2.2)
    plain = DemucsNetwork(options(folder)).vocals(mix, no_progress)
    shifted = DemucsNetwork(options(folder, shifts=2)).vocals(mix, no_progress)
    assert shifted.shape == plain.shape
    assert apart_db(shifted, plain) < -6  # of random weights; where the segments lie changes much


class LittleMemory(torch.nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """The network on a card that holds one segment at a time."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self._network, self.segment, self.refused = network, network.segment, 0

    def valid_length(self, length: int) -> int:
        return int(self._network.valid_length(length))

    def forward(self, mix: torch.Tensor) -> torch.Tensor:
        if len(mix) > 1:
            self.refused += 1
            raise torch.OutOfMemoryError("CUDA out of memory")
        return torch.as_tensor(self._network(mix))


def test_a_full_memory_makes_batches_smaller_and_loses_nothing(folder: Path) -> None:
    mix = noisy_song(3.3)
    expected = DemucsNetwork(options(folder)).vocals(mix, no_progress)
    network = DemucsNetwork(options(folder, batch=4))
    ((plain, share),) = network._networks
    small = LittleMemory(plain)
    network._networks = [(small, share)]
    assert apart_db(network.vocals(mix, no_progress), expected) < -80
    assert small.refused == 2  # of 4 and of 2


def test_progress_reaches_the_end_and_may_end_the_work(folder: Path) -> None:
    told: list[float] = []
    network = DemucsNetwork(options(folder))
    network.vocals(noisy_song(2.5), told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0

    def ends(_done: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        network.vocals(noisy_song(2.5), ends)


def test_the_quicker_precision_is_chosen_by_the_first_two_batches(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("inference.models.demucs_network._has_bfloat16", lambda: True)
    network = DemucsNetwork(options(folder, precision="auto"))
    with caplog.at_level(logging.INFO):
        network.vocals(noisy_song(3.3), no_progress)
    assert network._precision.chosen in (torch.float32, torch.bfloat16)
    assert sum("demucs runs in" in line for line in caplog.messages) == 1


def test_the_service_starts_without_torch() -> None:
    code = "import sys, inference.service.reference; sys.exit(any(m in sys.modules for m in ('torch', 'demucs')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
