"""The pooling's node in ONNX: what runtimes find, and that its definition is the operator's."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")

from onnx import TensorProto, helper  # noqa: E402

from export import guided_pooling as operator  # noqa: E402
from export.torch_graph import to_onnx  # noqa: E402
from pose2pose_live.network import guided_pooling  # noqa: E402

NOWHERE = (float("nan"), float("inf"), -float("inf"), 1e30, -1e30, -1.001, 100.0)


class Pooled(torch.nn.Module):  # type: ignore[name-defined]
    """Two maps; the positions are in the first rows of the first one."""

    def forward(self, image):
        positions = image[:, 0, :2, :5].transpose(1, 2)
        return guided_pooling(image, positions), guided_pooling(2 * image[:, 1:], positions)


def _pooling_model(precision: int) -> bytes:
    node = helper.make_node(
        operator.OP_TYPE, ["features", "positions"], ["pooled"], domain=operator.DOMAIN, **operator.ATTRIBUTES
    )
    graph = helper.make_graph(
        [node],
        "pooling",
        [
            helper.make_tensor_value_info("features", precision, ["N", "C", "H", "W"]),
            helper.make_tensor_value_info("positions", TensorProto.FLOAT, ["N", "J", 2]),
        ],
        [helper.make_tensor_value_info("pooled", precision, ["N", "J", "C"])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", operator.OPSET)], ir_version=10)
    operator.define(model)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def _run(model: bytes, *inputs: np.ndarray) -> list[np.ndarray]:
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    return list(session.run(None, dict(zip([i.name for i in session.get_inputs()], inputs, strict=True))))


def test_a_network_gets_nodes_that_name_the_plugin_and_one_definition():
    image = torch.rand(1, 4, 8, 6, generator=torch.Generator().manual_seed(3)) * 9 - 1
    graph = to_onnx(Pooled(), {"image": image}, ("a", "b"))
    model = onnx.load_from_string(graph)
    nodes = [node for node in model.graph.node if node.domain == "pose2pose"]
    assert [node.op_type for node in nodes] == ["GuidedPooling"] * 2
    for node in nodes:  # the parser of TensorRT looks for exactly these, of these types, on the node itself
        attributes = {a.name: (a.type, helper.get_attribute_value(a)) for a in node.attribute}
        assert attributes == {
            "plugin_namespace": (onnx.AttributeProto.STRING, b"pose2pose"),
            "plugin_version": (onnx.AttributeProto.STRING, b"1"),
            "aot": (onnx.AttributeProto.INT, 1),
        }
    assert [(f.domain, f.name) for f in model.functions] == [("pose2pose", "GuidedPooling")]
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 18), ("pose2pose", 1)]
    for found, expected in zip(_run(graph, image.numpy()), Pooled()(image), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_network_without_pooling_gets_no_definition():
    graph = to_onnx(torch.nn.Flatten(), {"image": torch.zeros(1, 3, 2)}, ("flat",))
    assert not onnx.load_from_string(graph).functions


@pytest.mark.parametrize(
    ("n", "channels", "height", "width", "joints"), [(1, 5, 8, 6, 11), (3, 2, 7, 13, 4), (2, 1, 2, 2, 1)]
)
def test_the_definition_is_the_operator(n: int, channels: int, height: int, width: int, joints: int):
    random = np.random.default_rng(7)
    features = random.standard_normal((n, channels, height, width)).astype(np.float32)
    positions = random.uniform(-2, 1, (n, joints, 2)) + [0.5, 0.5] + random.random((n, joints, 2)) * [width, height]
    found = _run(_pooling_model(TensorProto.FLOAT), features, positions.astype(np.float32))[0]
    expected = guided_pooling(torch.from_numpy(features), torch.from_numpy(positions.astype(np.float32)))
    np.testing.assert_allclose(found, expected, atol=2e-6)


@pytest.mark.parametrize("axis", [0, 1])
def test_what_lies_nowhere_or_outside_is_zero(axis: int):
    positions = np.full((1, len(NOWHERE) + 1, 2), 2.5, np.float32)
    positions[0, :-1, axis] = NOWHERE
    found = _run(_pooling_model(TensorProto.FLOAT), np.ones((1, 3, 8, 6), np.float32), positions)[0]
    assert (found[0, :-1] == 0).all()
    assert (found[0, -1] == 1).all()


def test_half_precision_features_are_sampled_in_single_precision():
    features = np.broadcast_to(1000 * (np.arange(8) - 7.0), (1, 1, 8, 8)).astype(np.float16)
    found = _run(_pooling_model(TensorProto.FLOAT16), features, np.array([[[6.998, 3.0]]], np.float32))[0]
    assert found.dtype == np.float16
    assert found.item() == pytest.approx(-2.0, abs=5e-3)
