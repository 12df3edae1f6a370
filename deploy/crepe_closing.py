"""CREPE tiny as the judge computes it: layers 2 to 4 for crepe_middle.py, and the ONNX graph of what follows.

Layers 5 and 6, where most of the 64 taps reach beyond the signal, are one matrix each. Batch norm is folded away: its
scale into the next layer's weights, its shift into a bias for each position. Even and odd outputs are computed apart,
so that the maximum over two is one of two tensors.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from inference.models.crepe import BINS
from inference.models.crepe_middle import FEATURES, SIZES
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


def frequency_response(layer: Layer) -> Floats:
    """Shape (bins, channels in, channels out, (re, im)), 1 / (2 size) included, as crepe_middle.py wants it."""
    size = SIZES[layer.number]
    taps = np.arange(-TAPS_BEFORE, TAPS_BEYOND + 1)
    turn = np.exp(2j * np.pi * np.outer(taps, np.arange(size // 2 + 1)) / size)
    response = np.einsum("oik,kf->fio", layer.kernel, turn) / (2 * size)
    return np.stack([response.real, response.imag], axis=3)


def middle_tensors(weights: Weights) -> dict[str, NDArray[np.float32]]:
    """Responses and biases of layers 2 to 4."""
    tensors = {}
    for number in SPECTRAL:
        layer = folded_layer(weights, number)
        tensors[f"response{number}"] = frequency_response(layer).astype(np.float32)
        tensors[f"bias{number}"] = layer.bias.astype(np.float32)
    return tensors


def build_closing(weights: Weights) -> onnx.ModelProto:
    """`features` (n, FEATURES) of layer 4 to `activation` (n, BINS)."""
    graph = GraphBuilder()
    hidden = "features"
    for number in DENSE:
        hidden = _dense_layer(graph, folded_layer(weights, number), hidden)
    graph.node("Sigmoid", [_classifier(graph, weights, hidden)], "activation")
    return graph.model("crepe-tiny", ("features", ["n", FEATURES]), ("activation", ["n", BINS]))


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
