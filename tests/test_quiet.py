from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pose2pose_live.quiet import quiet


def test_what_native_code_writes_is_swallowed_and_only_inside(capfd):
    os.write(2, b"before ")
    with quiet():
        os.write(2, b"inside ")
    os.write(2, b"after")
    assert capfd.readouterr().err == "before after"


def test_errors_pass_and_descriptors_are_given_back(capfd):
    before = os.dup(2)
    os.close(before)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), quiet():
            raise ZeroDivisionError
    after = os.dup(2)
    os.close(after)
    assert after == before
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


def test_a_program_without_stderr_works():
    code = "import os, sys; os.close(2); sys.stderr = None\nfrom pose2pose_live.quiet import quiet\nwith quiet(): print('fine')"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "fine\n"
