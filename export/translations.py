"""Collects the window's texts for translators, into `assets/translations/pose2pose_live_LANGUAGE.ts`.

`python -m export translations [LANGUAGE ...]`. English, the language of the source, is always written: it is what a translator starts from. A
language that has no file yet gets one (`de`, `pt_BR`); one that has keeps its translations. Qt Linguist edits such files.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from PyQt6.lupdate import lupdate

from pose2pose_live.errors import ModelError

REPOSITORY = Path(__file__).parents[1]
SOURCES = REPOSITORY / "pose2pose_live" / "app"
FOLDER = REPOSITORY / "assets" / "translations"
_PLACE = re.compile(r"^ *<location .*/>\n", re.MULTILINE)


def collect(path: Path, sources: Path = SOURCES) -> None:
    """Write a .ts file, or bring it up to date; texts that are gone leave it. Raises ModelError when a source cannot be read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        lupdate([str(file) for file in sorted(sources.glob("*.py"))], [str(path)], no_obsolete=True, no_summary=True)
    except Exception as error:  # of a kind that PyQt does not export
        raise ModelError(f"the texts of {sources} cannot be collected: {error}") from error
    # Places in the source change with every line above them, and nobody needs them.
    path.write_text(_PLACE.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")


def main(argv: Sequence[str]) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m export translations", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help="to begin a translation, as in de or pt_BR")
    languages = parser.parse_args(argv).languages
    present = [path.stem.removeprefix("pose2pose_live_") for path in FOLDER.glob("pose2pose_live_*.ts")]
    for language in sorted({"en", *present, *languages}):
        path = FOLDER / f"pose2pose_live_{language}.ts"
        collect(path)
        print(f"{path}: {path.read_text(encoding='utf-8').count('<message>')} texts")
    return 0
