"""Compiles the plugin's CUDA source to PTX, which the application carries: one text for every GPU since Turing.

`python -m export plugin`; needs the extra `plugin`, but neither a GPU nor CUDA's own installation.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence

from pose2pose_live.errors import ModelError
from pose2pose_live.resources import engine_path

SOURCE, PTX = "guided_pooling.cu", "guided_pooling.ptx"
_TARGET = "compute_75"
# The oldest version of the language that has this target. NVRTC writes its own, which older drivers refuse, but uses nothing newer.
_PTX_VERSION = "6.3"


def compile_ptx(source: str) -> str:
    """PTX of a CUDA source without includes. Raises ModelError with the compiler's words, ImportError without NVRTC."""
    from cuda.bindings import nvrtc

    def checked(result: tuple) -> object:
        if result[0] != nvrtc.nvrtcResult.NVRTC_SUCCESS:
            raise ModelError(f"NVRTC: {result[0].name}; install it with: pip install -e '.[plugin]'")
        return result[1] if len(result) == 2 else None

    program = checked(nvrtc.nvrtcCreateProgram(source.encode(), SOURCE.encode(), 0, [], []))
    options = [f"--gpu-architecture={_TARGET}".encode(), b"-std=c++17"]
    if nvrtc.nvrtcCompileProgram(program, len(options), options)[0] != nvrtc.nvrtcResult.NVRTC_SUCCESS:
        log = bytearray(int(str(checked(nvrtc.nvrtcGetProgramLogSize(program)))))
        nvrtc.nvrtcGetProgramLog(program, log)
        raise ModelError(f"{SOURCE} does not compile: {log.decode(errors='replace').strip(chr(0)).strip()}")
    ptx = bytearray(int(str(checked(nvrtc.nvrtcGetPTXSize(program)))))
    checked(nvrtc.nvrtcGetPTX(program, ptx))
    text = ptx.decode("ascii").strip("\0")
    return re.sub(r"^\.version .*$", f".version {_PTX_VERSION}", text, count=1, flags=re.MULTILINE)


def main(arguments: Sequence[str]) -> int:
    argparse.ArgumentParser(
        prog="python -m export plugin", description=__doc__.splitlines()[0] if __doc__ else None
    ).parse_args(arguments)
    folder = engine_path("guided_pooling")
    text = compile_ptx((folder / SOURCE).read_text(encoding="utf-8"))
    (folder / PTX).write_text(text, encoding="ascii")
    print(f"{folder / PTX}: written")
    return 0
