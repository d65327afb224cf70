from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")

import onnx
import onnxruntime as ort

from pose2pose_live.inference import Engine
from pose2pose_live.inference.graphs import read_graph
from pose2pose_live.inference.plain_weights import unpack_weights

INT8, FLOAT16 = onnx.TensorProto.INT8, onnx.TensorProto.FLOAT16


def answers(model: onnx.ModelProto) -> list[np.ndarray]:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0]
    picture = np.random.default_rng(0).uniform(size=given.shape).astype(np.float32)
    return session.run(None, {given.name: picture})


@pytest.mark.parametrize("name", ["body", "hand"])
def test_the_open_engine_says_the_same_without_integers_among_its_weights(name: str) -> None:
    model = read_graph(Engine.load().graph(name).path)
    kinds = [tensor.data_type for tensor in model.graph.initializer]
    assert INT8 in kinds
    before = answers(model)
    unpack_weights(model)
    onnx.checker.check_model(model)
    after = [tensor.data_type for tensor in model.graph.initializer]
    assert INT8 not in after
    assert 0 < after.count(FLOAT16) < kinds.count(FLOAT16)  # the scales have gone, the backbone's weights stay
    for one, other in zip(before, answers(model), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_graph_without_integers_stays_as_it_is() -> None:
    model = read_graph(Engine.load(Path("landmarks")).graph("hand").path)
    before = model.SerializeToString(deterministic=True)
    unpack_weights(model)
    assert model.SerializeToString(deterministic=True) == before
