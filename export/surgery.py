"""Surgery on ONNX graphs: small passes that change how a network is computed, never what it computes.

Every pass takes an `onnx.ModelProto` and changes it in place. Graphs are float32, convolutions NCHW.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Dims = Sequence[int | str]


class GraphEditor:
    """Looks up and rewires the tensors of one graph. Built anew after each pass: it does not follow later changes."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.graph = model.graph
        self.constants = {t.name: numpy_helper.to_array(t) for t in self.graph.initializer}
        self.producer = {name: node for node in self.graph.node for name in node.output}
        self.consumers: dict[str, list[onnx.NodeProto]] = {}
        for node in self.graph.node:
            for name in node.input:
                self.consumers.setdefault(name, []).append(node)

    def is_output(self, name: str) -> bool:
        return any(output.name == name for output in self.graph.output)

    def single_consumer(self, name: str) -> onnx.NodeProto | None:
        """The one node that reads `name`, or None when several do or it leaves the graph."""
        users = self.consumers.get(name, [])
        return users[0] if len(users) == 1 and not self.is_output(name) else None

    def replace_uses(self, old: str, new: str) -> None:
        """Every node that read `old` reads `new`."""
        for node in self.graph.node:
            for i, name in enumerate(node.input):
                if name == old:
                    node.input[i] = new

    def add_constant(self, name: str, value: np.ndarray) -> str:
        """Add a constant; returns its name, which gets underscores when `name` is taken."""
        while name in self.constants:
            name += "_"
        self.constants[name] = np.ascontiguousarray(value)
        self.graph.initializer.append(numpy_helper.from_array(self.constants[name], name))
        return name


def attribute(node: onnx.NodeProto, name: str, default: object = None) -> object:
    """Value of a node's attribute, `default` when it is not set."""
    for item in node.attribute:
        if item.name == name:
            return helper.get_attribute_value(item)
    return default


def set_attribute(node: onnx.NodeProto, name: str, value: object) -> None:
    kept = [item for item in node.attribute if item.name != name]
    del node.attribute[:]
    node.attribute.extend([*kept, helper.make_attribute(name, value)])


def set_outputs(model: onnx.ModelProto, outputs: dict[str, tuple[str, Dims]]) -> None:
    """Make `outputs` ({name: (tensor, shape)}) the outputs of the graph; a Reshape is added where the tensor has another shape."""
    shapes = tensor_shapes(model)
    graph = model.graph
    del graph.output[:]
    for name, (tensor, dims) in outputs.items():
        if shapes.get(tensor) == list(dims):
            node = helper.make_node("Identity", [tensor], [name])
        else:
            target = np.array([-1 if isinstance(d, str) else d for d in dims], np.int64)
            graph.initializer.append(numpy_helper.from_array(target, f"{name}_shape"))
            node = helper.make_node("Reshape", [tensor, f"{name}_shape"], [name])
        graph.node.append(node)
        graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(dims)))
    prune_dead_nodes(model)
    remove_identities(model)


def tensor_shapes(model: onnx.ModelProto) -> dict[str, list[int | str]]:
    """Static shape of every tensor that shape inference can tell; a symbolic dimension is its name."""
    inferred = onnx.shape_inference.infer_shapes(model)
    values = [*inferred.graph.input, *inferred.graph.value_info, *inferred.graph.output]
    return {v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in values}


def prune_dead_nodes(model: onnx.ModelProto) -> None:
    """Drop nodes and constants that no output needs (ONNX Runtime keeps computing them)."""
    graph = model.graph
    needed = {output.name for output in graph.output}
    kept = []
    for node in reversed(graph.node):
        if any(name in needed for name in node.output):
            kept.append(node)
            needed.update(node.input)
    del graph.node[:]
    graph.node.extend(reversed(kept))
    constants = [t for t in graph.initializer if t.name in needed]
    del graph.initializer[:]
    graph.initializer.extend(constants)
    del graph.value_info[:]


def remove_identities(model: onnx.ModelProto) -> None:
    """Let the producer of an output write it directly when nothing else stands between."""
    for node in [n for n in model.graph.node if n.op_type == "Identity"]:
        editor = GraphEditor(model)
        source, target = node.input[0], node.output[0]
        producer = editor.producer.get(source)
        if producer is None or editor.is_output(source):
            continue
        model.graph.node.remove(node)
        for i, name in enumerate(producer.output):
            if name == source:
                producer.output[i] = target
        editor.replace_uses(source, target)


def take_nchw_input(model: onnx.ModelProto, name: str, shape: Dims) -> None:
    """Replace the NHWC input by an NCHW one called `name`; a leading Transpose goes, a leading Pad is turned to NCHW."""
    graph = model.graph
    old = graph.input[0].name
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)))
    GraphEditor(model).replace_uses(old, name)
    editor = GraphEditor(model)
    for node in editor.consumers[name]:
        if node.op_type == "Pad":
            pads = editor.constants[node.input[1]]
            node.input[1] = editor.add_constant(f"{name}_pads", pads.reshape(2, 4)[:, [0, 3, 1, 2]].reshape(-1))
            _drop_to_nchw(editor, node.output[0])
        else:
            _drop_to_nchw(editor, name)


def _drop_to_nchw(editor: GraphEditor, tensor: str) -> None:
    for node in editor.consumers[tensor]:
        if node.op_type != "Transpose" or list(attribute(node, "perm")) != [0, 3, 1, 2]:  # type: ignore[call-overload]
            raise ValueError(f"expected a Transpose to NCHW after {tensor}, found {node.op_type}")
        editor.replace_uses(node.output[0], tensor)


def fold_spatial_pads(model: onnx.ModelProto) -> None:
    """Zero Pad over height and width followed by a convolution becomes the convolution's own padding."""
    for pad in [n for n in model.graph.node if n.op_type == "Pad"]:
        editor = GraphEditor(model)
        users = editor.consumers.get(pad.output[0], [])
        pads = editor.constants[pad.input[1]].reshape(2, -1)
        value = editor.constants[pad.input[2]] if len(pad.input) > 2 and pad.input[2] else np.zeros(1)
        spatial_only = pads.shape[1] == 4 and not pads[:, :2].any()
        if (
            not spatial_only
            or value.any()
            or editor.is_output(pad.output[0])
            or any(n.op_type != "Conv" for n in users)
        ):
            continue
        for conv in users:
            own = np.array(attribute(conv, "pads", [0, 0, 0, 0])).reshape(2, 2)
            set_attribute(conv, "pads", [int(p) for p in (own + pads[:, 2:]).reshape(-1)])
            set_attribute(conv, "auto_pad", "NOTSET")
            conv.input[0] = pad.input[0]
    prune_dead_nodes(model)


def change_channels_by_convolution(model: onnx.ModelProto) -> None:
    """Zero Pad or Slice of the channels becomes a 1x1 convolution with the identity: either would leave the runtime's blocked layout.

    It also mends the Slices that the converter limits to one picture of a batch.
    """
    editor, shapes = GraphEditor(model), tensor_shapes(model)
    for node in model.graph.node:
        if node.op_type not in ("Pad", "Slice"):
            continue
        before, after = shapes[node.input[0]], shapes[node.output[0]]
        starts = editor.constants[node.input[1]]
        if len(before) != 4 or before[2:] != after[2:] or starts[:4].any():
            continue
        weight = np.eye(int(after[1]), int(before[1]), dtype=np.float32)[:, :, None, None]
        name = editor.add_constant(f"{node.output[0]}_identity", weight)
        node.CopyFrom(helper.make_node("Conv", [node.input[0], name], [node.output[0]], kernel_shape=[1, 1]))
    prune_dead_nodes(model)


def store_exact_weights_as_fp16(model: onnx.ModelProto) -> None:
    """Store float32 constants that are float16 values as float16 behind a Cast: half the size, the same numbers.

    The published weights are float16. ONNX Runtime folds the Casts when it loads the graph and computes in float32.
    """
    graph = model.graph
    casts = []
    for tensor in list(graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < 16:
            continue
        value = numpy_helper.to_array(tensor)
        half = value.astype(np.float16)
        if not np.array_equal(half.astype(np.float32), value):
            continue
        graph.initializer.remove(tensor)
        graph.initializer.append(numpy_helper.from_array(half, f"{tensor.name}.fp16"))
        casts.append(
            helper.make_node(
                "Cast", [f"{tensor.name}.fp16"], [tensor.name], f"{tensor.name}.cast", to=TensorProto.FLOAT
            )
        )
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def rename_tensors(model: onnx.ModelProto) -> None:
    """Give nodes and tensors short names that are the same in every build: `conv_12`, `conv_12.weight`, `conv_12.bias`."""
    graph = model.graph
    fixed = {v.name for v in [*graph.input, *graph.output]}
    names: dict[str, str] = {name: name for name in fixed}
    names[""] = ""
    constants = {t.name for t in graph.initializer}
    roles = {"Conv": ["", "weight", "bias"], "Gemm": ["", "weight", "bias"], "PRelu": ["", "slope"]}
    counts: dict[str, int] = {}
    for node in graph.node:
        kind = node.op_type.lower()
        node.name = f"{kind}_{counts.get(kind, 0)}"
        counts[kind] = counts.get(kind, 0) + 1
        for i, name in enumerate(node.input):
            if name in constants and name not in names:
                role = roles.get(node.op_type, [])
                names[name] = f"{node.name}.{role[i] if i < len(role) else f'const{i}'}"
        for i, name in enumerate(node.output):
            names.setdefault(name, node.name if i == 0 else f"{node.name}.{i}")
    for node in graph.node:
        node.input[:] = [names[name] for name in node.input]
        node.output[:] = [names[name] for name in node.output]
    for tensor in graph.initializer:
        tensor.name = names[tensor.name]
    ordered = sorted(graph.initializer, key=lambda t: t.name)
    del graph.initializer[:]
    graph.initializer.extend(ordered)
