"""The weights of the embedded hand graph (`engines/landmarks/hand.onnx`) for `HandLandmarker`."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from .graph_weights import load_weights
from .hand_landmarker import HandLandmarker


def load_hand_landmarker(path: Path) -> HandLandmarker:
    """The published network with its weights, read from the ONNX graph at `path`. Raises ModelError when the file cannot be read or is not this network."""
    network = HandLandmarker()
    n = network
    layers = [layer for layer in n.modules() if isinstance(layer, nn.Conv2d)]
    layers_after = [n.presence, n.handedness, n.landmarks, n.world]
    load_weights([*layers, *layers_after], path, "the hand landmark network", "hand.onnx of the engine landmarks")
    return network
