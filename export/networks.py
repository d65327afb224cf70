"""The recipe: which published network becomes which graph of the engine `open`, with which inputs and outputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import helper

from export import mixer, prelu, sources, surgery, tflite
from export.sources import NetworkFile
from export.surgery import Dims, GraphEditor

# Order of the inputs and outputs of the blendshape network, from MediaPipe's face_blendshapes_graph.cc (Apache-2.0).
# fmt: off
BLENDSHAPE_LANDMARKS: tuple[int, ...] = (
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78,
    80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150,
    152, 153, 154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197,
    234, 246, 249, 251, 263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308,
    310, 311, 312, 314, 317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377,
    378, 379, 380, 381, 382, 384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466,
    468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
)
BLENDSHAPE_NAMES: tuple[str, ...] = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft",
    "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft",
    "eyeLookUpRight", "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft",
    "jawOpen", "jawRight", "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft",
    "mouthFrownRight", "mouthFunnel", "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight", "mouthRollLower", "mouthRollUpper",
    "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft",
    "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight",
)
# fmt: on


@dataclass(frozen=True)
class Output:
    """One output: `tensor` is its name in the TensorFlow Lite file, `shape` what we give it; `meaning` goes into engine.toml."""

    tensor: str
    shape: Dims
    meaning: str
    logit: bool = False
    """The published network gives a logit where we promise a probability: a Sigmoid is added."""
    nhwc: bool = False
    """The published tensor is NHWC, ours NCHW."""


@dataclass(frozen=True)
class Recipe:
    """One graph: source, input name and shape, outputs in order. `part` of the person that it looks at: body, hand or face."""

    name: str
    part: str
    source: NetworkFile
    input_name: str
    input_shape: Dims
    outputs: dict[str, Output]
    rebuild: Callable[[onnx.ModelProto], None] | None = None
    """Writes the converted network anew, where converting it does not do well."""

    @property
    def size_px(self) -> int:
        """Side of the square input picture."""
        return int(self.input_shape[-1])

    @property
    def is_image(self) -> bool:
        return len(self.input_shape) == 4


def _tap(tensor: str, shape: Dims, meaning: str) -> Output:
    return Output(tensor, shape, meaning, nhwc=True)


POSE = Recipe(
    "pose",
    "body",
    sources.POSE_LANDMARKS,
    "image",
    (1, 3, 256, 256),
    {
        "landmarks": Output("Identity", (1, 39, 5), "x, y, z in px of the crop (z 0 at the mid-hip, smaller is nearer), visibility logit, presence logit"),
        "presence": Output("Identity_1", (1, 1), "probability that a person is in the crop"),
        "heatmap": Output("Identity_3", (1, 39, 64, 64), "logits, one map per landmark, stride 4", nhwc=True),
        "world": Output("Identity_4", (1, 39, 3), "x right, y down, z away, metres, origin mid-hip, axes of the crop"),
        "fpn_s4": _tap("model_1/model/add_11/add", (1, 48, 64, 64), "decoder features, stride 4, after ReLU; feeds the heatmap"),
        "fpn_s8": _tap("model_1/model/add_10/add", (1, 48, 32, 32), "decoder features, stride 8"),
        "fpn_s16": _tap("model_1/model/add_9/add", (1, 48, 16, 16), "decoder features, stride 16"),
        "enc_s4": _tap("model_1/model/add/add", (1, 24, 64, 64), "encoder features before activation, stride 4"),
        "enc_s8": _tap("model_1/model/add_1/add", (1, 32, 32, 32), "encoder features before activation, stride 8"),
        "enc_s16": _tap("model_1/model/add_5/add", (1, 88, 16, 16), "encoder features before activation, stride 16"),
        "enc_s32": _tap("model_1/model/add_8/add", (1, 144, 8, 8), "encoder features before activation, stride 32"),
        "bottleneck": _tap("model_1/model/re_lu_63/Relu6;model_1/model/add_22/add", (1, 288, 2, 2), "features that landmarks, world and presence are read from, in [0, 6]"),
    },
)  # fmt: skip

_HAND_LAST = "model_1/model/re_lu_31/Relu6;model_1/model/batch_normalization_46/FusedBatchNormV3;model_1/model/depthwise_conv2d_15/depthwise"

HAND = Recipe(
    "hand",
    "hand",
    sources.HAND_LANDMARKS,
    "image",
    ("N", 3, 224, 224),
    {
        "landmarks": Output("Identity", ("N", 21, 3), "x, y in px of the crop; z in px / 0.4, 0 at the wrist, smaller is nearer"),
        "presence": Output("Identity_1", ("N", 1), "probability that a hand is in the crop"),
        "handedness": Output("Identity_2", ("N", 1), "probability that it is a right hand, for a picture that is not mirrored"),
        "world": Output("Identity_3", ("N", 21, 3), "x right, y down, z away, metres, origin at the hand's centre, axes of the crop"),
        "enc_s8": _tap("model_1/model/add_1/add", ("N", 40, 28, 28), "features before activation, stride 8"),
        "enc_s16": _tap("model_1/model/add_5/add", ("N", 112, 14, 14), "features before activation, stride 16"),
        "enc_s32": _tap("model_1/model/add_8/add", ("N", 192, 7, 7), "features before activation, stride 32"),
        "last_s32": _tap(_HAND_LAST, ("N", 1152, 7, 7), "features whose mean the outputs are read from, stride 32, in [0, 6]"),
    },
)  # fmt: skip

HAND_RECROP = Recipe(
    "hand_recrop",
    "hand",
    sources.HAND_RECROP,
    "image",
    ("N", 3, 256, 256),
    {"points": Output("output_crop", ("N", 2, 2), "two points in px of the crop: centre of the hand's region, middle of its lower side")},
)  # fmt: skip

FACE = Recipe(
    "face",
    "face",
    sources.FACE_LANDMARKS,
    "image",
    (1, 3, 256, 256),
    {
        "landmarks": Output("Identity", (1, 478, 3), "x, y, z in px of the crop, smaller z is nearer; 468..472 right iris, 473..477 left iris"),
        "presence": Output("Identity_1", (1, 1), "probability that a face is in the crop", logit=True),
        "tongue_out": Output("Identity_2", (1, 1), "probability that the tongue is out of the mouth"),
    },
)  # fmt: skip

BLENDSHAPES = Recipe(
    "blendshapes",
    "face",
    sources.FACE_BLENDSHAPES,
    "landmarks",
    (1, 146, 2),
    {
        "blendshapes": Output(
            "StatefulPartitionedCall:0", (1, 52), "coefficients in [0, 1], in the order of output_names"
        )
    },
    rebuild=mixer.rebuild_mixer,
)

RECIPES: tuple[Recipe, ...] = (POSE, HAND, HAND_RECROP, FACE, BLENDSHAPES)


_PASSES = (
    surgery.fold_spatial_pads,
    surgery.change_channels_by_convolution,
    prelu.replace_prelu,
    surgery.rename_tensors,
    surgery.store_exact_weights_as_fp16,
)


def build(recipe: Recipe, converted: onnx.ModelProto) -> onnx.ModelProto:
    """The finished graph of a recipe from what tf2onnx made of its network; checked by the ONNX checker."""
    model = onnx.ModelProto()
    model.CopyFrom(converted)
    if recipe.rebuild:
        recipe.rebuild(model)
    outputs = _wire_outputs(model, recipe)
    if recipe.is_image:
        surgery.take_nchw_input(model, recipe.input_name, recipe.input_shape)
    else:
        _rename_input(model, recipe)
    surgery.set_outputs(model, outputs)
    for change in _PASSES:
        change(model)
    model.graph.name = recipe.name
    del model.opset_import[:]
    model.opset_import.append(helper.make_opsetid("", tflite.OPSET))
    model.producer_name, model.producer_version, model.doc_string = "pose2pose-live", "", ""
    onnx.checker.check_model(model, full_check=True)
    return model


def _rename_input(model: onnx.ModelProto, recipe: Recipe) -> None:
    old = model.graph.input[0].name
    del model.graph.input[:]
    dims = list(recipe.input_shape)
    model.graph.input.append(helper.make_tensor_value_info(recipe.input_name, onnx.TensorProto.FLOAT, dims))
    GraphEditor(model).replace_uses(old, recipe.input_name)


def _wire_outputs(model: onnx.ModelProto, recipe: Recipe) -> dict[str, tuple[str, Dims]]:
    """Tensor of every output in the ONNX graph; adds the Sigmoids and takes the NCHW side of closing Transposes."""
    editor = GraphEditor(model)
    wired: dict[str, tuple[str, Dims]] = {}
    for name, output in recipe.outputs.items():
        tensor = _after_fused_activation(editor, output.tensor)
        producer = editor.producer[tensor]
        if producer.op_type in (("Transpose",) if output.nhwc else ("Reshape", "Squeeze")):
            tensor = producer.input[0]
        if output.logit:
            model.graph.node.append(helper.make_node("Sigmoid", [tensor], [f"{name}_probability"]))
            tensor = f"{name}_probability"
        wired[name] = (tensor, output.shape)
    return wired


def _after_fused_activation(editor: GraphEditor, tensor: str) -> str:
    """tf2onnx splits an activation that is fused into an operator off it: the published tensor is what the activation gives."""
    follower = editor.single_consumer(tensor)
    fused = follower is not None and follower.op_type in ("Relu", "Clip") and follower.output[0].startswith("Relu")
    return follower.output[0] if fused and follower is not None else tensor


def published_input(recipe: Recipe, values: np.ndarray) -> np.ndarray:
    """Our input as the published network takes it: NHWC for pictures."""
    return values.transpose(0, 2, 3, 1) if recipe.is_image else values


def published_output(output: Output, value: np.ndarray) -> np.ndarray:
    """A tensor of the published network as our output promises it: NCHW, probabilities. The shape may still differ."""
    if output.nhwc:
        value = value.transpose(0, 3, 1, 2)
    return 1.0 / (1.0 + np.exp(-value)) if output.logit else value
