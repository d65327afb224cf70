"""Nothing leaves the machine: the job works where there is no network, and asks for none."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pose2pose_live.recording import load_recording
from pose2pose_live.resources import asset_path

# Libraries that report do so some seconds later, ONNX Runtime ten: the program stays for a while.
STAYING = """
import sys, time
from pose2pose_live.cli import main
code = main(sys.argv[1:])
time.sleep(15)
sys.exit(code)
"""
JOB = [sys.executable, "-c", STAYING, "process", str(asset_path("demo.mp4")), "--seconds", "0.1", "-o"]


def works(command: list[str]) -> bool:
    return (
        shutil.which(command[0]) is not None
        and not subprocess.run(command, capture_output=True, check=False).returncode
    )


def internet_calls(trace: Path) -> list[str]:
    return [line for line in trace.read_text(errors="replace").splitlines() if re.search(r"[AP]F_INET6?\b", line)]


@pytest.mark.parametrize("runtime", ["cpu", "openvino"])
def test_a_job_opens_no_internet_socket_and_needs_no_network(runtime: str, tmp_path: Path):
    if runtime == "openvino":
        pytest.importorskip("openvino")
    trace = tmp_path / "trace"
    traced = ["strace", "-f", "--seccomp-bpf", "-e", "trace=socket,connect,sendto,bind", "-o", str(trace)]
    if not works([*traced, "true"]):
        pytest.skip("needs strace (Linux), and leave to trace")
    python = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()"
    subprocess.run([*traced, sys.executable, "-c", python], check=True)
    assert internet_calls(trace), "the trace must show a socket that is opened"

    without_network = ["unshare", "--net"]
    if works([*without_network, "true"]):  # takes root, or a system that grants it to everybody
        traced = [*without_network, *traced]
    job = subprocess.run(
        [*traced, *JOB, str(tmp_path), "--runtime", runtime], capture_output=True, text=True, check=False
    )
    assert job.returncode == 0, job.stderr
    assert len(load_recording(tmp_path / "demo.npz")) == 3
    assert internet_calls(trace) == []
