"""Task bundles for the `mediapipe` package: the person detector of the application, and the rest that its Holistic graph needs.

A bundle is a plain uncompressed zip of TensorFlow Lite networks. Two published networks lack the metadata that says how their input is
normalised, without which `mediapipe` refuses them; it is added here, the weights stay as they are.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from export import sources
from export.sources import NetworkFile

PICTURE_STD = 255.0
"""Networks that take pixels in [0, 1]: (pixel - 0) / 255."""


@dataclass(frozen=True)
class Member:
    """One network of a bundle: `name` is what mediapipe looks for, `label` goes into the metadata when it has to be added."""

    name: str
    source: NetworkFile
    label: str | None = None


BUNDLES: dict[str, tuple[Member, ...]] = {
    "pose_landmarker.task": (
        Member("pose_detector.tflite", sources.POSE_DETECTOR),
        Member("pose_landmarks_detector.tflite", sources.POSE_LANDMARKS, label="pose landmarks"),
    ),
    # Together with the two above this is a complete holistic_landmarker.task; kept apart so that no network is stored twice.
    "holistic_face_and_hands.task": (
        Member("face_detector.tflite", sources.FACE_DETECTOR),
        Member("face_landmarks_detector.tflite", sources.FACE_LANDMARKS),
        Member("face_blendshapes.tflite", sources.FACE_BLENDSHAPES),
        Member("hand_landmarks_detector.tflite", sources.HAND_LANDMARKS),
        Member("hand_roi_refinement.tflite", sources.HAND_RECROP, label="hand region refinement"),
    ),
}


def with_normalization(network: bytes, label: str) -> bytes:
    """The same network with metadata that its input is RGB, mean 0, std 255."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as tfl
    from mediapipe.tasks.metadata import metadata_schema_py_generated as meta

    normalization = meta.NormalizationOptionsT()
    normalization.mean, normalization.std = [0.0], [PICTURE_STD]
    unit = meta.ProcessUnitT()
    unit.optionsType, unit.options = meta.ProcessUnitOptions.NormalizationOptions, normalization
    picture = meta.ImagePropertiesT()
    picture.colorSpace = meta.ColorSpaceType.RGB
    content = meta.ContentT()
    content.contentPropertiesType, content.contentProperties = meta.ContentProperties.ImageProperties, picture
    tensor = meta.TensorMetadataT()
    tensor.name, tensor.content, tensor.processUnits = "image", content, [unit]

    model = tfl.ModelT.InitFromPackedBuf(network, 0)
    subgraph = meta.SubGraphMetadataT()
    subgraph.inputTensorMetadata = [tensor]
    subgraph.outputTensorMetadata = [_named(meta, i) for i in range(len(model.subgraphs[0].outputs))]
    description = meta.ModelMetadataT()
    description.name, description.subgraphMetadata = label, [subgraph]
    builder = flatbuffers.Builder(0)
    builder.Finish(description.Pack(builder), b"M001")

    buffer = tfl.BufferT()
    buffer.data = np.frombuffer(bytes(builder.Output()), np.uint8)
    entry = tfl.MetadataT()
    entry.name, entry.buffer = "TFLITE_METADATA", len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]
    packed = flatbuffers.Builder(len(network) + 4096)
    packed.Finish(model.Pack(packed), b"TFL3")
    return bytes(packed.Output())


def _named(meta: object, index: int) -> object:
    tensor = meta.TensorMetadataT()  # type: ignore[attr-defined]
    tensor.name = f"output_{index}"
    return tensor


def build_bundle(members: tuple[Member, ...], cache: Path) -> bytes:
    """Bytes of the bundle; the same every time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as bundle:
        for member in members:
            network = sources.read_network(member.source, cache)
            if member.label:
                network = with_normalization(network, member.label)
            bundle.writestr(zipfile.ZipInfo(member.name), network)  # ZipInfo's fixed date keeps the bytes the same
    return packed.getvalue()


def write_bundles(folder: Path, cache: Path) -> list[Path]:
    """Write every bundle into `folder`; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, members in BUNDLES.items():
        path = folder / name
        path.write_bytes(build_bundle(members, cache))
        paths.append(path)
    return paths
