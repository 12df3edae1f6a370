"""The ONNX graph of CREPE tiny from the spectrum that its opening layer leaves to the activations.

Layers 2 to 4 are products of Fourier matrices, with a quarter of the multiplications; layers 5 and 6, where most of
the 64 taps reach beyond the signal, are one matrix each. Batch norm is folded away: its scale into the next layer's
weights, its shift into a bias for each position. Even and odd outputs are computed apart, so that the maximum over two
is one of two tensors.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from inference.models.crepe import BINS
from inference.models.crepe_opening import NEXT_BINS, OUT_VALUES
from inference.models.crepe_torch import BATCH_NORM_EPS

OPSET = 17
IR_VERSION = 8  # read by every ONNX Runtime since 1.14
TAPS_BEFORE, TAPS_BEYOND = 31, 32  # of 64: how far a tap reaches to either side
FIRST_LENGTH = 128  # samples that enter layer 2; each layer halves them
SPECTRAL = (2, 3, 4)
DENSE = (5, 6)
Floats = NDArray[np.float64]
Weights = dict[str, NDArray[np.float32]]


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

    def model(self, name: str, given: tuple[str, list[Any]], told: tuple[str, list[Any]]) -> onnx.ModelProto:
        """One input and one output, each a name and a shape."""
        body = helper.make_graph(
            self.nodes,
            name,
            [helper.make_tensor_value_info(given[0], TensorProto.FLOAT, given[1])],
            [helper.make_tensor_value_info(told[0], TensorProto.FLOAT, told[1])],
            [numpy_helper.from_array(values, tensor) for tensor, values in self.tensors.items()],
        )
        model = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="voicejury")
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        return model


@dataclass(frozen=True, slots=True)
class Layer:
    """A convolution with the batch norm of the layer before it folded in."""

    number: int
    length: int  # samples in and, before the maximum over two, out
    kernel: Floats  # (channels out, channels in, taps)
    bias: Floats  # (samples out, channels out)

    @property
    def size(self) -> int:
        """Of its Fourier transform: what wraps round meets zeros."""
        return self.length + TAPS_BEYOND

    @property
    def bins(self) -> int:
        return self.size // 2 + 1

    @property
    def channels(self) -> tuple[int, int]:
        """In and out."""
        return self.kernel.shape[1], self.kernel.shape[0]


def batch_norm(weights: Weights, number: int) -> tuple[Floats, Floats]:
    """Scale and shift of each channel; the maximum over two moves past them because no scale is negative."""
    part = {name: weights[f"conv{number}_BN.{name}"].astype(np.float64) for name in _NORM_PARTS}
    scale = part["weight"] / np.sqrt(part["running_var"] + BATCH_NORM_EPS)
    if not (scale > 0).all():
        raise ValueError(f"batch norm {number} has a scale that is not positive")
    return scale, part["bias"] - part["running_mean"] * scale


_NORM_PARTS = ("weight", "bias", "running_mean", "running_var")


def folded_layer(weights: Weights, number: int) -> Layer:
    """Layer 2 to 6."""
    length = FIRST_LENGTH >> (number - 2)
    kernel = weights[f"conv{number}.weight"][..., 0].astype(np.float64)
    scale, shift = batch_norm(weights, number - 1)
    shifted = np.einsum("oik,i->ok", kernel, shift)
    is_inside = np.abs(_sample_of_tap(length) - (length - 1) / 2) < length / 2
    bias = weights[f"conv{number}.bias"] + is_inside @ shifted.T
    return Layer(number, length, kernel * scale[None, :, None], bias)


def _sample_of_tap(length: int) -> NDArray[np.int64]:
    """Which sample each tap meets for each output, shape (length, taps)."""
    return np.add.outer(np.arange(length), np.arange(-TAPS_BEFORE, TAPS_BEYOND + 1))


def dense_matrix(layer: Layer) -> Floats:
    """The whole convolution as a matrix: (samples in x channels in, samples out x channels out)."""
    channels_in, channels_out = layer.channels
    matrix = np.zeros((layer.length, channels_in, layer.length, channels_out))
    for sample_out, samples_in in enumerate(_sample_of_tap(layer.length)):
        for tap, sample_in in enumerate(samples_in):
            if 0 <= sample_in < layer.length:
                matrix[sample_in, :, sample_out] = layer.kernel[:, :, tap].T
    return matrix.reshape(layer.length * channels_in, -1)


def fourier_matrix(length: int, size: int) -> Floats:
    """Rows: real and imaginary part of each bin in turn; columns: time."""
    angle = 2 * np.pi * np.outer(np.arange(size // 2 + 1), np.arange(length)) / size
    return np.stack([np.cos(angle), -np.sin(angle)], axis=1).reshape(-1, length)


def inverse_fourier_matrix(length: int, size: int) -> Floats:
    """Rows: time; columns: real and imaginary part of each bin in turn, the negative frequencies folded in."""
    doubled = np.full(size // 2 + 1, 2.0)
    doubled[[0, -1]] = 1.0
    return np.asarray(fourier_matrix(length, size).T * np.repeat(doubled, 2) / size)


def frequency_response(layer: Layer) -> Floats:
    """Shape (bins, (re, im) x channels in, (re, im) x channels out): a complex product written with real numbers."""
    taps = np.arange(-TAPS_BEFORE, TAPS_BEYOND + 1)
    turn = np.exp(2j * np.pi * np.outer(taps, np.arange(layer.bins)) / layer.size)
    response = np.einsum("oik,kf->fio", layer.kernel, turn)
    real = np.concatenate([response.real, response.imag], axis=2)
    imaginary = np.concatenate([-response.imag, response.real], axis=2)
    return np.concatenate([real, imaginary], axis=1)


def paired_response(response: Floats) -> Floats:
    """The same for channels that came as real and imaginary part of one signal Z, first half and second half.

    A + iB = Z(f) and conj(A) + i conj(B) = Z(-f) give A and B; rows become re Z(f), im Z(f), re Z(-f), im Z(-f).
    """
    re_a, re_b, im_a, im_b = np.split(response, 4, axis=1)
    return np.concatenate([re_a - im_b, im_a + re_b, re_a + im_b, re_b - im_a], axis=1) / 2


def build_closing(weights: Weights) -> onnx.ModelProto:
    """`product` (NEXT_BINS, (re, im), n, channels) of layer 2 to `activation` (n, BINS)."""
    graph = GraphBuilder()
    layers = {number: folded_layer(weights, number) for number in (*SPECTRAL, *DENSE)}
    hidden = _filtered(graph, layers[2], "product")
    for before, after in pairwise(SPECTRAL):
        hidden = _spectral_layer(graph, layers[after], hidden, layers[before].channels[1])
    channels = layers[SPECTRAL[-1]].channels[1]
    by_window = graph.node("Transpose", [hidden], "by_window", perm=[1, 0, 2])
    features = layers[DENSE[0]].length * channels
    hidden = graph.node("Reshape", [by_window, graph.shape("features_shape", -1, features)], "features4")
    for number in DENSE:
        hidden = _dense_layer(graph, layers[number], hidden)
    graph.node("Sigmoid", [_classifier(graph, weights, hidden)], "activation")
    return graph.model("crepe-tiny", ("product", [NEXT_BINS, 2, "n", OUT_VALUES // 2]), ("activation", ["n", BINS]))


def _spectral_layer(graph: GraphBuilder, layer: Layer, hidden: str, channels: int) -> str:
    """Rectified samples (time, n, channels) to the next."""
    k = layer.number
    columns = graph.node("Reshape", [hidden, graph.shape(f"columns{k}_shape", layer.length, -1)], f"columns{k}")
    forward = graph.tensor(f"forward{k}", fourier_matrix(layer.length, layer.size))
    spectrum = graph.node("MatMul", [forward, columns], f"spectrum{k}")
    parts = graph.shape(f"parts{k}_shape", layer.bins, 2, -1, channels)
    spectrum = graph.node("Reshape", [spectrum, parts], f"parts{k}")
    spectrum = graph.node("Transpose", [spectrum], f"by_bin{k}", perm=[0, 2, 1, 3])
    rows = graph.shape(f"rows{k}_shape", layer.bins, -1, 2 * channels)
    spectrum = graph.node("Reshape", [spectrum, rows], f"rows{k}")
    response = graph.tensor(f"response{k}", frequency_response(layer))
    product = graph.node("MatMul", [spectrum, response], f"product{k}")
    shape = graph.shape(f"product{k}_shape", layer.bins, -1, 2, layer.channels[1])
    product = graph.node("Reshape", [product, shape], f"product{k}_parts")
    return _filtered(graph, layer, graph.node("Transpose", [product], f"product{k}_by_part", perm=[0, 2, 1, 3]))


def _filtered(graph: GraphBuilder, layer: Layer, product: str) -> str:
    """From the product by bin (bins, (re, im), n, channels) to rectified samples (time / 2, n, channels)."""
    k, channels = layer.number, layer.channels[1]
    flat = graph.node("Reshape", [product, graph.shape(f"product{k}_flat", 2 * layer.bins, -1)], f"product{k}_columns")
    inverse = inverse_fourier_matrix(layer.length, layer.size)
    time = graph.shape(f"time{k}_shape", layer.length // 2, -1, channels)
    both = []
    for side, first in (("even", 0), ("odd", 1)):
        matrix = graph.tensor(f"{side}{k}_inverse", inverse[first::2])
        samples = graph.node("MatMul", [matrix, flat], f"{side}{k}_flat")
        samples = graph.node("Reshape", [samples, time], f"{side}{k}_samples")
        bias = graph.tensor(f"{side}{k}_bias", layer.bias[first::2, None])
        both.append(graph.node("Add", [samples, bias], f"{side}{k}"))
    return graph.node("Relu", [graph.node("Max", both, f"pooled{k}")], f"hidden{k}")


def _dense_layer(graph: GraphBuilder, layer: Layer, hidden: str) -> str:
    """Features (n, time x channels) to the next."""
    k = layer.number
    matrix = dense_matrix(layer).reshape(-1, layer.length, layer.channels[1])
    both = []
    for side, first in (("even", 0), ("odd", 1)):
        half = matrix[:, first::2].reshape(len(matrix), -1)
        inputs = [
            graph.tensor(f"{side}{k}_matrix", half),
            graph.tensor(f"{side}{k}_bias", layer.bias[first::2].reshape(-1)),
        ]
        both.append(graph.node("Gemm", [hidden, *inputs], f"{side}{k}"))
    return graph.node("Relu", [graph.node("Max", both, f"pooled{k}")], f"hidden{k}")


def _classifier(graph: GraphBuilder, weights: Weights, hidden: str) -> str:
    """Features (n, 4 x channels) to logits (n, BINS)."""
    scale, shift = batch_norm(weights, DENSE[-1])
    matrix = weights["classifier.weight"].astype(np.float64)
    repeats = matrix.shape[1] // len(scale)
    bias = weights["classifier.bias"] + matrix @ np.tile(shift, repeats)
    inputs = [
        graph.tensor("classifier_matrix", (matrix * np.tile(scale, repeats)).T),
        graph.tensor("classifier_bias", bias),
    ]
    return graph.node("Gemm", [hidden, *inputs], "logits")
