"""Mixed precision: convolutions, and what follows them on feature maps, in float16; everything else as it was.

Positions (softmax, expected index, sampling coordinates) and the heads' linear layers stay float32: a half-precision coordinate is off
by up to 1/32 of a cell on a map 64 cells wide. Inputs and outputs of the graph stay float32. TensorRT 11 has no switch for this any more:
the types have to stand in the graph.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_BEGIN = {"Conv", "ConvTranspose"}
_FOLLOW = {
    "Add", "AveragePool", "BatchNormalization", "Clip", "Concat", "GlobalAveragePool", "GuidedPooling", "HardSigmoid", "HardSwish", "Identity",
    "LeakyRelu", "MaxPool", "Mul", "PRelu", "Pad", "Relu", "Resize",
}  # fmt: skip
# Operators that take only their first input in half precision: the others are sizes, positions, statistics.
_FIRST_ONLY = {"BatchNormalization", "GuidedPooling", "Resize"}
_LARGEST = float(np.finfo(np.float16).max)


def in_half_precision(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy with the inner maps in float16, checked by ONNX. A network whose weights do not fit keeps those layers in float32."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    _Halving(result).rewrite()
    del result.graph.value_info[:]
    onnx.checker.check_model(result, full_check=True)
    return result


class _Halving:
    def __init__(self, model: onnx.ModelProto) -> None:
        self._graph = model.graph
        self._weights: dict[str, np.ndarray] = {}
        self._nodes: list[onnx.NodeProto] = []
        self._half: set[str] = set()  # tensors that are float16 now
        self._casts: dict[tuple[str, int], str] = {}
        self._store_weights_plainly()

    def rewrite(self) -> None:
        outputs = {value.name for value in self._graph.output}
        nodes, self._nodes = list(self._graph.node), []
        for node in nodes:
            is_half = self._fits(node)
            for i, name in enumerate(node.input):
                if not name:
                    continue
                wants_half = is_half and (i == 0 or node.op_type not in _FIRST_ONLY)
                if wants_half and name not in self._half:
                    node.input[i] = self._halved(name)
                elif not wants_half and name in self._half:
                    node.input[i] = self._cast(name, TensorProto.FLOAT)
            if is_half:
                wanted = [name for name in node.output if name in outputs]
                for i, name in enumerate(node.output):
                    if name in outputs:
                        node.output[i] = f"{name}/half"
                self._half.update(node.output)
                self._nodes.append(node)
                for name in wanted:  # what the caller gets is float32; what follows inside takes the half one
                    self._nodes.append(helper.make_node("Cast", [f"{name}/half"], [name], to=TensorProto.FLOAT))
            else:
                self._nodes.append(node)
        del self._graph.node[:]
        self._graph.node.extend(self._nodes)
        self._drop_unused_weights()

    def _fits(self, node: onnx.NodeProto) -> bool:
        if node.op_type not in _BEGIN | _FOLLOW:
            return False
        inputs = list(node.input[:1] if node.op_type in _FIRST_ONLY else node.input)
        weights = [self._weights[name] for name in inputs if name in self._weights]
        if node.op_type != "Clip" and any(np.abs(weight).max(initial=0) > _LARGEST for weight in weights):
            return False
        maps = [name for name in inputs if name and name not in self._weights]
        return node.op_type in _BEGIN or all(name in self._half or f"{name}/half" in self._half for name in maps)

    def _halved(self, name: str) -> str:
        if f"{name}/half" in self._half:  # an output of the graph that is used inside, too
            return f"{name}/half"
        if name not in self._weights:
            return self._cast(name, TensorProto.FLOAT16)
        half = f"{name}/half"
        if (name, TensorProto.FLOAT16) not in self._casts:
            values = np.clip(self._weights[name], -_LARGEST, _LARGEST).astype(np.float16)
            self._graph.initializer.append(numpy_helper.from_array(values, half))
            self._casts[name, TensorProto.FLOAT16] = half
        return half

    def _cast(self, name: str, to: int) -> str:
        if (name, to) not in self._casts:
            self._casts[name, to] = f"{name}/{'half' if to == TensorProto.FLOAT16 else 'single'}"
            self._nodes.append(helper.make_node("Cast", [name], [self._casts[name, to]], to=to))
        return self._casts[name, to]

    def _store_weights_plainly(self) -> None:
        """Float constants, also those stored in float16 and cast when loaded, and those in nodes, become float32 weights."""
        stored = {tensor.name: tensor for tensor in self._graph.initializer}
        kept = []
        for node in self._graph.node:
            tensor = None
            if node.op_type == "Cast" and node.input[0] in stored and node.attribute[0].i == TensorProto.FLOAT:
                tensor = stored[node.input[0]]
            elif node.op_type == "Constant" and node.attribute[0].name == "value":
                tensor = node.attribute[0].t
            if tensor is None or tensor.data_type not in (TensorProto.FLOAT, TensorProto.FLOAT16):
                kept.append(node)
                continue
            values = numpy_helper.to_array(tensor).astype(np.float32)
            self._graph.initializer.append(numpy_helper.from_array(values, node.output[0]))
        del self._graph.node[:]
        self._graph.node.extend(kept)
        self._drop_unused_weights()
        floats = [tensor for tensor in self._graph.initializer if tensor.data_type == TensorProto.FLOAT]
        self._weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in floats}

    def _drop_unused_weights(self) -> None:
        used = {name for node in self._graph.node for name in node.input} | {value.name for value in self._graph.output}
        weights = [tensor for tensor in self._graph.initializer if tensor.name in used]
        del self._graph.initializer[:]
        self._graph.initializer.extend(weights)
