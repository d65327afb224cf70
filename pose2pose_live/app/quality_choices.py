"""The engines and runtimes that can be chosen on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelError
from ..inference import AUTO, RUNTIMES, Engine
from ..resources import all_engines, find_engine, user_engines


@dataclass(frozen=True)
class Choice:
    """name: as the settings have it. title, description: for people, in English as their makers wrote them. problem: why it cannot be used here, or empty.
    is_yours: from the user's folder."""

    name: str
    title: str
    description: str = ""
    problem: str = ""
    is_yours: bool = False


def engine_choices(chosen: str) -> tuple[Choice, ...]:
    """All engines that have a name, the default first, and the chosen one if it is elsewhere."""
    folders = {"": find_engine(None)}
    folders |= {folder.name: folder for folder in all_engines() if folder != folders[""]}
    if chosen not in folders and find_engine(Path(chosen)) != folders[""]:
        folders[chosen] = find_engine(Path(chosen))
    return tuple(_engine(name, folder) for name, folder in folders.items())


def _engine(name: str, folder: Path) -> Choice:
    is_yours = folder.parent == user_engines()
    try:
        engine = Engine.load(folder)
    except ModelError as error:
        return Choice(name, folder.name, problem=str(error), is_yours=is_yours)
    return Choice(name, engine.name, engine.description, is_yours=is_yours)


def runtime_choices() -> tuple[Choice, ...]:
    """Every runtime, also those that cannot be used here. Importing what they need may take seconds."""
    return (Choice(AUTO, AUTO), *(Choice(n, r.title, problem=r.problem() or "") for n, r in RUNTIMES.items()))
