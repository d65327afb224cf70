from __future__ import annotations

import subprocess
import sys

import pytest

from export import __main__ as export_main
from pose2pose_live.errors import ModelError

COMMANDS = [
    "networks",
    "open-body",
    "hand4whole",
    "part",
    "open-engine",
    "open-hand",
    "open-face",
    "open-depths",
    "onnx",
    "tensorrt",
    "plugin",
    "demo-clip",
    "four-views",
    "icons",
    "translations",
]


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit) as ended:
        export_main.main(["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert sorted(export_main.COMMANDS) == sorted(COMMANDS)
    assert all(f"\n  {command} " in told for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_wired(command, capsys):
    with pytest.raises(SystemExit) as ended:
        export_main.main([command, "--help"])
    assert ended.value.code == 0
    assert f"python -m export {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"), [([], "required: COMMAND\n"), (["nonsense"], "invalid choice: 'nonsense'")]
)
def test_a_wrong_command_is_refused(arguments, said, capsys):
    with pytest.raises(SystemExit) as ended:
        export_main.main(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModelError("the file is damaged"), "export: the file is damaged\n"),
        (ModuleNotFoundError("No module named 'tf2onnx'"), "'tf2onnx'; install the tools with: pip install"),
    ],
)
def test_errors_are_one_line(error, said, monkeypatch, capsys):
    def fails(arguments):
        raise error

    monkeypatch.setitem(export_main.COMMANDS, "networks", (fails, ""))
    assert export_main.main(["networks"]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_nothing_heavy_is_imported_before_a_command_runs():
    code = "import sys, export.__main__; print([m for m in ('numpy', 'onnx', 'tensorflow', 'mediapipe') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
