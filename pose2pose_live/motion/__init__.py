"""What makes a stream of poses usable: smoothing on rotations, holding and relaxing what is not seen."""

from .hold import LossHolder
from .smoothing import PoseSmoother

__all__ = ["LossHolder", "PoseSmoother"]
