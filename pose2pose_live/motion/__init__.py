"""What makes a stream of poses usable: smoothing on rotations, holding and relaxing what is not seen, mirroring."""

from .hold import LossHolder
from .mirror import mirrored
from .smoothing import PoseSmoother

__all__ = ["LossHolder", "PoseSmoother", "mirrored"]
