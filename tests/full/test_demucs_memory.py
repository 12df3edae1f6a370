"""A song that does not fit into memory: the system itself refuses it, and less is asked for."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from prometheus_client import REGISTRY

from inference.models.demucs_network import DemucsNetwork
from inference.models.demucs_separator import DemucsSeparator
from tests.full.test_demucs_separator import NAME, apart_db, no_progress, noisy_song, options
from tests.support.places import ROOT
from tests.support.tiny_demucs import TINY, write_th

WIDE = {**TINY, "channels": 32}  # a batch of its segments takes hundreds of megabytes
SONG_S = 3.0
LEAST_MB, MOST_MB = 250, 500  # between them lies less than a batch takes and more than a segment, by the allocator
STEPS = 8
SEGMENT_MB = 65  # beside what is loaded: less than one whole segment takes
# Runs in a process whose address space may grow by so much only; what is found is written to a file.
CHILD = """
import logging, resource, sys, pathlib
import numpy as np, psutil, torch
from inference import metrics
from inference.models.demucs_network import DemucsNetwork
from inference.models.demucs_options import DemucsOptions
from tests.full.test_demucs_separator import noisy_song, no_progress
folder, out, batch, spare_mb, song_s = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
logging.basicConfig(level=logging.WARNING, format="%(message)s")
network = DemucsNetwork(DemucsOptions(pathlib.Path(folder), "tiny", overlap=0.25, precision="float32", batch=batch))
network._batch, network._share = 1, 0.25
network.vocals(noisy_song(0.3), no_progress)  # what is loaded when first used is loaded
network._batch, network._share = batch, 1.0
limit = psutil.Process().memory_info().vms + spare_mb * 1_000_000
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
np.save(out, network.vocals(noisy_song(song_s), no_progress))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_th(tmp_path_factory.mktemp("wide") / NAME, NAME, WIDE)


def in_little_memory(folder: Path, out: Path, batch: int, spare_mb: int) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", CHILD, str(folder), str(out), str(batch), str(spare_mb), str(SONG_S)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)


def with_room_for_a_segment(folder: Path, out: Path) -> "subprocess.CompletedProcess[str]":
    """The first of a few tries in which a batch was too much and a segment was not, otherwise the last."""
    least_mb, most_mb = LEAST_MB, MOST_MB
    for _ in range(STEPS):
        spare_mb = (least_mb + most_mb) // 2
        done = in_little_memory(folder, out, batch=8, spare_mb=spare_mb)
        assert done.returncode == 0, done.stderr[-2000:]
        if "out of memory" not in done.stderr:
            most_mb = spare_mb
        elif "length" in done.stderr:
            least_mb = spare_mb
        else:
            break
    return done


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of the address space holds on Linux")
def test_where_memory_ends_batches_become_smaller_and_nothing_is_lost(folder: Path, tmp_path: Path) -> None:
    done = with_room_for_a_segment(folder, tmp_path / "out.npy")
    assert "segments at a time" in done.stderr
    assert "length" not in done.stderr
    expected = DemucsNetwork(options(folder)).vocals(noisy_song(SONG_S), no_progress)
    assert apart_db(np.load(tmp_path / "out.npy"), expected) < -80


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of the address space holds on Linux")
def test_where_one_segment_is_too_much_shorter_ones_are_taken(folder: Path, tmp_path: Path) -> None:
    done = in_little_memory(folder, tmp_path / "out.npy", batch=1, spare_mb=SEGMENT_MB)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "out of memory: segments of 50% of their length" in done.stderr
    found = np.load(tmp_path / "out.npy")
    expected = DemucsNetwork(options(folder)).vocals(noisy_song(SONG_S), no_progress)
    assert found.shape == expected.shape
    assert apart_db(found, expected) < 0  # random weights: other neighbours, another voice


def test_a_network_that_nobody_uses_is_put_away_and_comes_back(folder: Path) -> None:
    separator = DemucsSeparator(options(folder), idle_s=0.5)
    assert not separator.is_loaded
    first = separator.split(noisy_song(1.0), no_progress)
    assert separator.is_loaded
    held = REGISTRY.get_sample_value("voicejury_model_memory_bytes", {"model": NAME, "device": "cpu"})
    assert held is not None
    deadline_s = time.monotonic() + 20
    while separator.is_loaded:
        assert time.monotonic() < deadline_s, "it was kept"
        time.sleep(0.05)
    again = separator.split(noisy_song(1.0), no_progress)
    assert float(np.abs(again.vocals - first.vocals).max()) < 1e-6


def test_room_is_asked_for_before_each_song(folder: Path) -> None:
    asked: list[bool] = []
    separator = DemucsSeparator(options(folder), give_room=lambda: asked.append(separator.is_loaded))
    separator.split(noisy_song(0.5), no_progress)
    separator.split(noisy_song(0.5), no_progress)
    assert asked == [False, True]
