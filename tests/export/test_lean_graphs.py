"""What the exporter makes of the networks' small change: every operator costs, however little it calculates."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")

from export.torch_graph import to_onnx  # noqa: E402
from pose2pose_live.inference import Engine  # noqa: E402
from pose2pose_live.network.rotation6d import rot6d_to_rotmat  # noqa: E402


class Rotations(torch.nn.Module):  # type: ignore[name-defined]
    def forward(self, rot6d):
        return rot6d_to_rotmat(rot6d)


def test_rotations_are_lean_and_the_same():
    rot6d = torch.randn(1, 22, 6, generator=torch.Generator().manual_seed(3))
    graph = to_onnx(Rotations(), {"rot6d": rot6d}, ("rotations",))
    assert len(onnx.load_from_string(graph).graph.node) <= 28
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    found = session.run(None, {"rot6d": rot6d.numpy()})[0]
    np.testing.assert_allclose(found, rot6d_to_rotmat(rot6d), atol=1e-5)


@pytest.mark.parametrize("name", ["body", "hand"])
def test_the_bundled_graphs_are_lean(name: str):
    """Nothing in them is there for strange numbers alone, and nothing pools by the slow operator."""
    model = onnx.load(Engine.load().graph(name).path)
    assert {"ArgMin", "Where", "OneHot"}.isdisjoint(node.op_type for node in model.graph.node)
    assert [node.op_type for node in model.functions[0].node if node.op_type in ("GridSample", "GatherND")] == [
        "GatherND"
    ]
