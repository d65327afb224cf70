"""The desktop window: what the pipeline captures, shown with PyQt6. Knows nothing of estimation."""

from .run import run_window

__all__ = ["run_window"]
