"""What makes a stream of poses usable: smoothing on rotations, holding and relaxing what is not seen, legs at rest, the floor, mirroring; what a
person may change of it while capturing, and the calibration of person and camera."""

from .calibration import Calibration
from .controls import MocapControls, Moment, Seated, Watcher
from .floor import FloorContact
from .hold import LossHolder
from .level import camera_to_level, levelled
from .mirror import mirrored
from .seated import SeatedLegs
from .smoothing import PoseSmoother
from .smoothing_meter import SmoothingFigures, SmoothingMeter
from .speed_meter import SpeedMeter

__all__ = [
    "Calibration",
    "FloorContact",
    "LossHolder",
    "MocapControls",
    "Moment",
    "PoseSmoother",
    "Seated",
    "SeatedLegs",
    "SmoothingFigures",
    "SmoothingMeter",
    "SpeedMeter",
    "Watcher",
    "camera_to_level",
    "levelled",
    "mirrored",
]
