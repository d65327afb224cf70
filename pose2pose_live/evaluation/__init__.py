"""How good an engine is on real clips and pictures: the whole chain as it runs live, measured; see docs/evaluation.md."""

from .run import REPORT_FILE, evaluate

__all__ = ["REPORT_FILE", "evaluate"]
