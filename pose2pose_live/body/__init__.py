"""The body model: vertices and joints from SMPL-X parameters."""

from .model import BodyModel, PosedBody

__all__ = ["BodyModel", "PosedBody"]
