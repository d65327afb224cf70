"""The Pose2Pose networks in PyTorch: exactly the published ones, trainable, and fed by the authors' checkpoints.

This room and `training/` are the only ones that import torch; the application runs exported graphs.
"""

from .checkpoint import checkpoint_variant, load_backbone, load_checkpoint, save_checkpoint
from .hand4whole import Hand4Whole
from .parts import Pose2PoseBody, Pose2PoseFace, Pose2PoseHand
from .pooling import GlobalPooling, GuidedPooling, guided_pooling

__all__ = [
    "GlobalPooling",
    "GuidedPooling",
    "Hand4Whole",
    "Pose2PoseBody",
    "Pose2PoseFace",
    "Pose2PoseHand",
    "checkpoint_variant",
    "guided_pooling",
    "load_backbone",
    "load_checkpoint",
    "save_checkpoint",
]
