"""Takes as files for other programs: AMASS npz, `.smpl`, BVH, glTF."""

from .convert import FORMATS, ConversionSettings, convert
from .motion import Motion, motion_of

__all__ = ["FORMATS", "ConversionSettings", "Motion", "convert", "motion_of"]
