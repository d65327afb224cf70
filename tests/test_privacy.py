"""Nothing leaves the machine: the job works where there is no network, and asks for none."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pose2pose_live.recording import load_recording
from pose2pose_live.resources import asset_path

JOB = [sys.executable, "-m", "pose2pose_live", "process", str(asset_path("demo.mp4")), "--seconds", "0.3", "-o"]


def _works(command: list[str]) -> bool:
    return (
        shutil.which(command[0]) is not None
        and not subprocess.run(command, capture_output=True, check=False).returncode
    )


def test_no_internet_socket_is_opened(tmp_path: Path):
    trace = tmp_path / "trace"
    strace = ["strace", "-f", "--seccomp-bpf", "-e", "trace=socket,connect,sendto,bind", "-o", str(trace)]
    if not _works([*strace, "true"]):
        pytest.skip("needs strace (Linux), and leave to trace")
    python = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()"
    subprocess.run([*strace, sys.executable, "-c", python], check=True)
    assert internet_calls(trace), "the trace must see a socket that is opened"
    job = subprocess.run([*strace, *JOB, str(tmp_path)], capture_output=True, text=True, check=False)
    assert job.returncode == 0, job.stderr
    assert len(load_recording(tmp_path / "demo.npz")) == 9
    assert internet_calls(trace) == []


def internet_calls(trace: Path) -> list[str]:
    return [line for line in trace.read_text(errors="replace").splitlines() if re.search(r"AF_INET6?|PF_INET6?", line)]


def test_it_works_where_there_is_no_network(tmp_path: Path):
    alone = ["unshare", "--net", *([] if os.name == "posix" and os.getuid() == 0 else ["--map-root-user"])]
    if not _works([*alone, "true"]):
        pytest.skip("needs unshare (Linux), and leave to make a namespace")
    job = subprocess.run([*alone, *JOB, str(tmp_path)], capture_output=True, text=True, check=False)
    assert job.returncode == 0, job.stderr
    assert len(load_recording(tmp_path / "demo.npz")) == 9
