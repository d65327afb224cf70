"""The estimators that the pipeline knows: the one in use and the one being loaded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from ..frame import CameraFrame, SmplxFrame
from ..sources import clock_s
from .events import Event, Failed, Ready, for_people

if TYPE_CHECKING:
    from ..body import BodyModel


class Mocap(Protocol):
    """What the pipeline needs of `mocap.MotionCapture`. controls: may be set from any thread, heeded from the next picture on.

    search comes before observe and looks for somebody to track; True if that took longer than a picture lasts. Both may be called for a
    picture while solve still works on what was seen in the one before; all else waits for them.
    """

    controls: Any

    @property
    def body(self) -> BodyModel: ...

    def search(self, picture: CameraFrame, /) -> bool: ...

    def observe(self, picture: CameraFrame, /) -> Any: ...

    def solve(self, sighting: Any, /) -> SmplxFrame: ...

    def reset(self) -> None: ...

    def close(self) -> None: ...


class Mocaps:
    """body: of the newest estimator that was loaded; it stays when an estimator fails. present: the one in use."""

    def __init__(self, notify: Callable[[Event], None]) -> None:
        self.body: BodyModel | None = None
        self.present: Mocap | None = None
        self._notify = notify
        self._changed = threading.Condition()
        self._loaded: Mocap | None = None
        self._orders = 0
        self._loaders: list[threading.Thread] = []
        self._controls: Any = None
        self._is_stopped = False

    @property
    def is_there(self) -> bool:
        return self.present is not None or self.has_another

    @property
    def has_another(self) -> bool:
        """Whether one was loaded that is not yet in use."""
        return self._loaded is not None

    def load(self, open_mocap: Callable[[], Mocap]) -> None:
        with self._changed:
            self._orders += 1
            order = self._orders
        self._loaders = [loader for loader in self._loaders if loader.is_alive()]
        self._loaders.append(threading.Thread(target=self._load, args=(open_mocap, order), name="loader", daemon=True))
        self._loaders[-1].start()

    def _load(self, open_mocap: Callable[[], Mocap], order: int) -> None:
        try:
            mocap = open_mocap()
        except Exception as error:
            if order == self._orders:  # else another was asked for meanwhile, and nobody waits for this one
                self._notify(Failed("loading", for_people("loading", error)))
            return
        with self._changed:
            is_wanted = order == self._orders and not self._is_stopped
            superseded = self._loaded if is_wanted else mocap
            if is_wanted:
                self._apply(mocap)
                self._loaded, self.body = mocap, mocap.body
                self._notify(Ready("estimation"))  # before anybody can tell that it failed
                self._changed.notify_all()
        if superseded is not None:
            superseded.close()

    def set_controls(self, controls: Any) -> None:
        with self._changed:
            self._controls = controls
            for mocap in (self.present, self._loaded):
                if mocap is not None:
                    self._apply(mocap)

    def _apply(self, mocap: Mocap) -> None:
        if self._controls is not None:
            mocap.controls = self._controls

    def wait(self) -> bool:
        """Until there is an estimator; False at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self.is_there or self._is_stopped)
            return not self._is_stopped

    def use_another(self) -> None:
        """Exchange the present one, which nobody may be using, for the one that was loaded."""
        with self._changed:
            former, self.present, self._loaded = self.present, self._loaded or self.present, None
        if former is not None and former is not self.present:
            former.close()

    def drop(self) -> bool:
        """Close the present one, which nobody may be using. False if there is none."""
        with self._changed:
            mocap, self.present = self.present, None
        if mocap is not None:
            mocap.close()
        return mocap is not None

    def stop(self) -> None:
        with self._changed:
            self._is_stopped = True
            unused, self._loaded = self._loaded, None
            self._changed.notify_all()
        if unused is not None:
            unused.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for those that still load: the interpreter must not end while one is inside a library. False if the time is up before."""
        deadline_s = clock_s() + timeout_s
        for loader in self._loaders:
            loader.join(max(deadline_s - clock_s(), 0.0))
        return not any(loader.is_alive() for loader in self._loaders)
