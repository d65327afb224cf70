"""Pose2Pose Live: one ordinary webcam becomes SMPL-X motion capture (body, hands, face)."""

__version__ = "0.1.0"
