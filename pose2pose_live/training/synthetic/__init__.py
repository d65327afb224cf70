"""Labelled pictures of people that do not exist, for training."""

from .people import SyntheticPeople

__all__ = ["SyntheticPeople"]
