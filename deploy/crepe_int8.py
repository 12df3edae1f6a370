"""CREPE tiny with 8-bit weights and activations: the plain convolutions, statically quantised (QDQ, per channel).

Weights take 7 bits: without VNNI a processor adds two products in 16 bits, which 8 bits would overflow. The sigmoid and
what stands after it stay in single precision.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from deploy.crepe_closing import TAPS_BEFORE, TAPS_BEYOND, GraphBuilder, Weights
from inference.models.crepe import BINS, normalise
from inference.models.crepe_opening import CHANNELS, PADDING, PHASES, TAPS
from inference.models.crepe_torch import BATCH_NORM_EPS
from inference.models.estimator import SAMPLE_RATE_HZ, WINDOW_SAMPLES

CLIPS = 48  # of a calibration: each 16 windows of a gliding voice in some noise
WINDOWS_OF_A_CLIP = 16
LAYERS = range(2, 7)
NORM_PARTS = ("weight", "bias", "running_mean", "running_var")
Windows = NDArray[np.float32]


def build_plain(weights: Weights) -> onnx.ModelProto:
    """`windows` (n, WINDOW_SAMPLES) to `activation` (n, BINS) by convolutions alone."""
    graph = GraphBuilder()
    hidden = _norm_and_pool(graph, 1, _opening_convolution(graph, weights), weights)
    for number in LAYERS:
        kernel = graph.tensor(f"conv{number}.weight", weights[f"conv{number}.weight"].transpose(0, 1, 3, 2))
        bias = graph.tensor(f"conv{number}.bias", weights[f"conv{number}.bias"])
        pads = [0, TAPS_BEFORE, 0, TAPS_BEYOND]
        filtered = graph.node("Conv", [hidden, kernel, bias], f"conv{number}", kernel_shape=[1, 64], pads=pads)
        hidden = _norm_and_pool(graph, number, filtered, weights)
    by_time = graph.node("Transpose", [hidden], "by_time", perm=[0, 2, 3, 1])
    features = graph.node("Flatten", [by_time], "features", axis=1)
    classifier = [graph.tensor(name, weights[name]) for name in ("classifier.weight", "classifier.bias")]
    graph.node("Sigmoid", [graph.node("Gemm", [features, *classifier], "logits", transB=1)], "activation")
    return graph.model("crepe-tiny-plain", ("windows", ["n", WINDOW_SAMPLES]), ("activation", ["n", BINS]))


def _opening_convolution(graph: GraphBuilder, weights: Weights) -> str:
    """A stride of 4 over one channel is a stride of 1 over the 4 phases of the sound, as 4 channels."""
    kernel = weights["conv1.weight"].reshape(CHANNELS, -1, PHASES).transpose(0, 2, 1)
    padding = graph.shape("opening_padding", 0, PADDING, 0, PADDING)
    padded = graph.node("Pad", ["windows", padding], "padded")
    length = (WINDOW_SAMPLES + 2 * PADDING) // PHASES
    split = graph.node("Reshape", [padded, graph.shape("opening_shape", -1, length, PHASES)], "split")
    phased = graph.node("Transpose", [split], "phased", perm=[0, 2, 1])
    image = graph.node("Unsqueeze", [phased, graph.shape("height_axis", 2)], "phased_image")
    tensors = [graph.tensor("conv1.weight", kernel[:, :, None]), graph.tensor("conv1.bias", weights["conv1.bias"])]
    return graph.node("Conv", [image, *tensors], "conv1", kernel_shape=[1, TAPS // PHASES])


def _norm_and_pool(graph: GraphBuilder, number: int, hidden: str, weights: Weights) -> str:
    name = f"conv{number}_BN"
    parts = [graph.tensor(f"{name}.{part}", weights[f"{name}.{part}"]) for part in NORM_PARTS]
    positive = graph.node("Relu", [hidden], f"conv{number}.relu")
    normed = graph.node("BatchNormalization", [positive, *parts], name, epsilon=BATCH_NORM_EPS)
    return graph.node("MaxPool", [normed], f"hidden{number}", kernel_shape=[1, 2], strides=[1, 2])


def calibration_clips() -> Iterator[Windows]:
    """Voices with falling partials that glide, in noise of 10 to 40 dB below; the same ones each time."""
    random = np.random.default_rng(48)
    hop = WINDOW_SAMPLES // 2
    seconds = np.arange(hop * (WINDOWS_OF_A_CLIP + 1)) / SAMPLE_RATE_HZ
    for low_hz in np.geomspace(60, 1400, CLIPS):
        f0_hz = low_hz * 2 ** (random.uniform(-0.5, 0.5) * seconds + 0.03 * np.sin(2 * np.pi * 5.5 * seconds))
        phase = 2 * np.pi * np.cumsum(f0_hz) / SAMPLE_RATE_HZ
        slope = random.uniform(0.5, 2.0)
        partials = [np.sin(k * phase) / k**slope * (k * f0_hz < SAMPLE_RATE_HZ / 2) for k in range(1, 16)]
        voice = np.sum(partials, axis=0)
        noise = random.standard_normal(len(voice)) * voice.std() * 10 ** (-random.uniform(10, 40) / 20)
        views = np.lib.stride_tricks.sliding_window_view(voice + noise, WINDOW_SAMPLES)[::hop]
        yield normalise(views.astype(np.float32))


class Clips(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self) -> None:
        self._clips = calibration_clips()

    def get_next(self) -> dict[str, Windows] | None:
        clip = next(self._clips, None)
        return None if clip is None else {"windows": clip}


def build_int8(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model of `build_plain`, quantised."""
    with tempfile.TemporaryDirectory() as folder:
        plain, prepared, quantised = (Path(folder) / f"{name}.onnx" for name in ("plain", "prepared", "int8"))
        onnx.save(model, plain)
        quant_pre_process(plain, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            quantised,
            Clips(),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["Conv", "Gemm", "Relu", "MaxPool"],
        )
        return onnx.load(quantised)
