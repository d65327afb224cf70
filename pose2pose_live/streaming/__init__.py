"""Captured poses as OSC packets over UDP: VMC, VRChat's trackers, plain OSC."""

from .stream import Stream, StreamFigures
from .target import PROTOCOLS, Target

__all__ = ["PROTOCOLS", "Stream", "StreamFigures", "Target"]
