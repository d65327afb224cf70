"""Labelled pictures of people that do not exist, for training."""

from .cache import CachedPeople, write_cache
from .labels import SyntheticSample
from .people import SyntheticPeople

__all__ = ["CachedPeople", "SyntheticPeople", "SyntheticSample", "write_cache"]
