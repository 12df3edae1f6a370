"""CREPE where memory does not suffice for all the windows at once: fewer at a time, and the same pitches."""

import numpy as np
import pytest
import torch
from prometheus_client import REGISTRY

from inference.models.crepe_torch import CrepeNetwork, TorchCrepe
from inference.models.estimator import WINDOW_SAMPLES, Floats32

HZ = (110.0, 220.0, 247.0, 330.0, 392.0, 440.0, 523.0)


def windows() -> Floats32:
    at_s = np.arange(WINDOW_SAMPLES) / 16_000
    return np.stack([np.sin(2 * np.pi * hz * at_s) for hz in HZ]).astype(np.float32)


def room_for(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """A device whose memory takes so many windows, as torch tells it."""
    forward = CrepeNetwork.forward

    def limited(self: CrepeNetwork, sounds: torch.Tensor) -> torch.Tensor:
        if len(sounds) > most:
            raise torch.OutOfMemoryError(f"out of memory: {len(sounds)} windows")
        return forward(self, sounds)

    monkeypatch.setattr(CrepeNetwork, "forward", limited)


def test_fewer_windows_at_a_time_hear_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    crepe = TorchCrepe("full")
    whole = crepe.estimate(windows())
    before = REGISTRY.get_sample_value("voicejury_out_of_memory_total", {"to": "batch"}) or 0.0
    room_for(monkeypatch, 2)
    narrow = crepe.estimate(windows())
    np.testing.assert_allclose(narrow.f0_hz, whole.f0_hz, rtol=1e-4)
    assert 1200 * np.abs(np.log2(narrow.f0_hz / HZ)).max() < 30
    after = REGISTRY.get_sample_value("voicejury_out_of_memory_total", {"to": "batch"}) or 0.0
    assert after >= before + 1


def test_a_machine_without_room_for_one_window_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    crepe = TorchCrepe("tiny")
    room_for(monkeypatch, 0)
    with pytest.raises(torch.OutOfMemoryError):
        crepe.estimate(windows())


def test_what_it_holds_is_told() -> None:
    TorchCrepe("full")
    assert (
        REGISTRY.get_sample_value("voicejury_model_memory_bytes", {"model": "crepe-full", "device": "cpu"}) is not None
    )
