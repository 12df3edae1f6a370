"""A card that live and final work share: what is measured on it, and where its memory ends."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from prometheus_client import REGISTRY

pytestmark = pytest.mark.gpu


@pytest.fixture(autouse=True)
def _card() -> None:
    if find_spec("torch") is None or find_spec("demucs") is None:
        pytest.skip("torch and Demucs are not installed: run `make setup-full`")
    import torch

    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA card")


def test_a_network_on_the_card_is_measured_there_and_put_away(tmp_path: Path) -> None:
    from inference.models.demucs_options import DemucsOptions
    from inference.models.demucs_separator import DemucsSeparator
    from tests.support.tiny_demucs import REAL, write_th

    write_th(tmp_path / "real", "real", REAL)
    separator = DemucsSeparator(DemucsOptions(tmp_path / "real", "real", device="cuda"))
    separator.split(np.zeros((2, 44_100), np.float32) + 0.1, lambda _done: None)
    held = REGISTRY.get_sample_value("voicejury_model_memory_bytes", {"model": "real", "device": "cuda"})
    assert held is not None
    assert held > 50e6


def test_a_card_without_room_leaves_the_song_to_the_host(tmp_path: Path) -> None:
    import torch

    from inference.models.demucs_network import DemucsNetwork
    from inference.models.demucs_options import DemucsOptions
    from tests.support.tiny_demucs import REAL, write_th

    write_th(tmp_path / "real", "real", REAL)
    song = np.random.default_rng(1).standard_normal((2, 10 * 44_100)).astype(np.float32)
    options = DemucsOptions(tmp_path / "real", "real", precision="float32", device="cuda", batch=2)
    network = DemucsNetwork(options)
    held = torch.cuda.memory_reserved() + 30_000_000
    torch.cuda.set_per_process_memory_fraction(held / torch.cuda.get_device_properties(0).total_memory)
    try:
        found = network.vocals(song.copy(), lambda _done: None)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    expected = DemucsNetwork(DemucsOptions(tmp_path / "real", "real", precision="float32", device="cpu")).vocals(
        song, lambda _done: None
    )
    assert REGISTRY.get_sample_value("voicejury_out_of_memory_total", {"to": "cpu"})
    assert float(np.abs(found - expected).max()) < 1e-3
