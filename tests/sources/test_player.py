from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from pose2pose_live.errors import SourceError
from pose2pose_live.frame import CameraFrame
from pose2pose_live.sources import VideoPlayer, clock_s
from pose2pose_live.sources import player as player_module
from tests.sources.clips import number_of, set_frame_durations, write_noise_video, write_video

Watch = Callable[..., "Watched"]


class Watched:
    """A player that is read by a thread of its own, as the pipeline does it, and steered by the test's."""

    def __init__(self, player: VideoPlayer) -> None:
        self.player = player
        self.seen: SimpleQueue[CameraFrame] = SimpleQueue()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        while (frame := self.player.read()) is not None:
            self.seen.put(frame)

    def next(self) -> CameraFrame:
        return self.seen.get(timeout=5)

    def number(self) -> int:
        return number_of(self.next().image)

    def rests(self, wait_s: float = 0.15) -> bool:
        try:
            self.seen.get(timeout=wait_s)
        except Empty:
            return True
        return False


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    """Watch a clip of that many pictures, of which player.read gives the first while it is paused, unless it is to play."""
    watched: list[Watched] = []

    def start(frames: int = 20, fps: float = 30, *, loop: bool = False, plays: bool = False) -> Watched:
        player = VideoPlayer(write_video(tmp_path / "clip.mp4", frames=frames, fps=fps), loop=loop)
        if not plays:
            player.pause()
        watched.append(Watched(player))
        return watched[-1]

    yield start
    for one in watched:
        one.player.interrupt()
        one.thread.join(5)
        one.player.close()
        assert not one.thread.is_alive()


def test_it_keeps_the_pace_and_stamps_the_due_time(tmp_path: Path) -> None:
    player = VideoPlayer(write_video(tmp_path / "clip.mp4", frames=10, fps=50))
    began_s = clock_s()
    frames, arrivals_s = [], []
    while not player.has_ended:
        frame = player.read()
        assert frame is not None
        frames.append(frame)
        arrivals_s.append(clock_s())
        if frame.index == 9:
            break
    assert player.live
    assert not any(frame.is_still for frame in frames)
    assert len(frames) >= 5  # a busy machine may lose some
    assert 0.13 <= arrivals_s[-1] - began_s < 1
    for frame, arrival_s in zip(frames, arrivals_s, strict=True):
        assert frame.time_s - frames[0].time_s == pytest.approx(frame.index / 50, abs=2e-3)
        assert arrival_s >= frame.time_s
    player.close()


def test_it_passes_over_what_a_late_reader_missed(tmp_path: Path) -> None:
    with VideoPlayer(write_video(tmp_path / "clip.mp4", frames=30, fps=50)) as player:
        assert player.read() is not None
        time.sleep(0.2)
        frame = player.read()
        assert frame is not None
        assert frame.index >= 9
        assert frame.cuts == 0
        assert number_of(frame.image) == frame.index
        assert clock_s() - frame.time_s < 0.2  # not the picture that was due when the reader left


def test_it_does_not_chase_a_clock_that_it_cannot_catch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    player = VideoPlayer(write_video(tmp_path / "clip.mp4", frames=30, fps=10), loop=True)
    assert player.read() is not None
    real = player_module.clock_s
    monkeypatch.setattr(player_module, "clock_s", lambda: real() + 3600)
    frame = player.read()
    assert frame is not None
    assert frame.index < 15
    assert frame.time_s == pytest.approx(player_module.clock_s(), abs=0.2)
    player.close()


def test_a_loop_goes_on_with_increasing_times_and_indices_and_says_where_it_cuts(tmp_path: Path) -> None:
    player = VideoPlayer(write_video(tmp_path / "clip.mp4", frames=5, fps=100), loop=True)
    frames = [player.read() for _ in range(12)]
    player.close()
    assert player.frame_count is None
    seen = [frame for frame in frames if frame is not None]
    assert len(seen) == 12
    for frame, later in itertools.pairwise(seen):
        assert later.index > frame.index
        assert later.time_s - frame.time_s == pytest.approx((later.index - frame.index) / 100, abs=2e-3)
        assert number_of(frame.image) == frame.index % 5
        assert frame.cuts == frame.index // 5
    assert player.read() is None


def test_paused_it_shows_its_first_picture_and_waits(watch: Watch) -> None:
    watched = watch()
    assert watched.number() == 0
    before_s = time.thread_time()
    assert watched.rests()
    assert not watched.player.is_playing
    assert time.thread_time() - before_s < 0.1
    watched.player.play()
    numbers = [watched.number() for _ in range(3)]
    assert numbers == sorted(numbers)
    assert numbers[0] >= 1


def test_waiting_costs_nothing(watch: Watch) -> None:
    watch().next()
    before_s = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - before_s < 0.05


def test_paused_between_two_pictures_it_delivers_the_next_one_only_when_it_plays(watch: Watch) -> None:
    watched = watch(frames=5, fps=2, plays=True)
    assert watched.number() == 0
    time.sleep(0.1)
    watched.player.pause()
    assert watched.rests(0.7)
    watched.player.play()
    assert watched.number() == 1


def test_steps_forwards_and_back(watch: Watch) -> None:
    watched = watch(frames=5)
    frames = [watched.next()]
    expected = [0, 1, 2, 1, 0, 0, 1, 4]
    for count in (1, 1, -1, -1, -1, 1, 3):
        watched.player.step(count)
        frames.append(watched.next())
    assert [number_of(frame.image) for frame in frames] == expected
    # Only a step back has to forget what came before.
    assert [frame.cuts for frame in frames] == [0, 0, 0, 1, 2, 3, 3, 3]
    assert all(frame.is_still for frame in frames[1:])
    assert not watched.player.is_playing
    watched.player.step(1)
    assert watched.rests()
    assert watched.player.has_ended
    watched.player.step(-1)
    assert watched.number() == 3
    assert not watched.player.has_ended


def test_a_step_stops_the_playing(watch: Watch) -> None:
    watched = watch(frames=30, fps=20, plays=True)
    number = [watched.number() for _ in range(3)][-1]
    watched.player.step(1)
    assert not watched.player.is_playing
    later = number
    while not watched.rests():
        later += 1
    assert later - number <= 2


def test_seeking_finds_the_picture_of_a_variable_rate_file(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", frames=8, fps=30)
    set_frame_durations(path, [1, 1, 3, 1, 2, 1, 4, 1])
    due = [0, 1, 2, 5, 6, 8, 9, 13]
    with VideoPlayer(path) as player:
        player.pause()
        assert player.read() is not None
        for place, expected in ((4.9, 2), (5.01, 3), (12, 6), (13.01, 7), (99, 7), (0, 0), (-3, 0), (8.5, 5)):
            player.seek(place / 30)
            frame = player.read()
            assert frame is not None
            assert number_of(frame.image) == expected
            assert player.position_s * 30 == pytest.approx(due[expected], abs=0.05)


def test_of_many_seeks_the_last_one_counts_and_each_is_a_cut(watch: Watch) -> None:
    watched = watch(frames=30)
    watched.next()
    for number in range(30):
        watched.player.seek(number / 30 + 0.01)
    frames = []
    while not watched.rests():
        pass
    watched.player.seek(3 / 30 + 0.01)
    frames.append(watched.next())
    watched.player.seek(25 / 30 + 0.01)
    frames.append(watched.next())
    assert [number_of(frame.image) for frame in frames] == [3, 25]
    assert frames[0].cuts < frames[1].cuts


def test_seeking_while_it_plays_goes_on_from_there_at_its_pace(watch: Watch) -> None:
    watched = watch(frames=31, fps=20, plays=True)
    watched.next()
    watched.player.seek(20 / 20 + 0.001)
    frames = [watched.next()]
    while number_of(frames[-1].image) < 26:
        frames.append(watched.next())
    there = next(frame for frame in frames if number_of(frame.image) >= 20)
    assert number_of(there.image) == 20
    assert frames[-1].time_s - there.time_s == pytest.approx((number_of(frames[-1].image) - 20) / 20, abs=5e-3)
    assert watched.player.is_playing


def test_time_grows_whatever_is_done(watch: Watch) -> None:
    watched = watch(frames=6, fps=50, loop=True)
    player = watched.player
    for act in (player.play, lambda: player.seek(0.1), lambda: player.seek(0), player.pause, lambda: player.step(-2),
                lambda: player.step(1), player.play, lambda: player.seek(0.08), player.play):  # fmt: skip
        act()
        time.sleep(0.05)
    player.pause()
    frames = []
    while not watched.rests():
        pass
    player.play()
    frames = [watched.next() for _ in range(10)]
    for act in (lambda: player.seek(0.05), lambda: player.step(-1), lambda: player.step(1), player.play):
        act()
        frames += [watched.next()]
    for frame, later in itertools.pairwise(frames):
        assert later.time_s > frame.time_s
        assert later.index > frame.index


def test_a_pause_is_a_pause_of_the_stamps_too(watch: Watch) -> None:
    watched = watch(frames=9, fps=50)
    first = watched.next()
    time.sleep(0.3)
    watched.player.play()
    assert 0.3 <= watched.next().time_s - first.time_s < 0.6


def test_at_the_end_it_waits_and_plays_anew(watch: Watch) -> None:
    watched = watch(frames=4, fps=100, plays=True)
    numbers = [watched.number()]
    while numbers[-1] != 3:
        numbers.append(watched.number())
    assert watched.rests()
    assert watched.player.has_ended
    assert not watched.player.is_playing
    assert watched.player.duration_s == pytest.approx(0.03)
    watched.player.play()
    frame = watched.next()
    assert (number_of(frame.image), frame.cuts) == (0, 1)
    assert watched.player.is_playing


def test_the_loop_is_switched_on_and_off_meanwhile(watch: Watch) -> None:
    watched = watch(frames=4, fps=100, loop=True, plays=True)
    seen = [watched.number() for _ in range(9)]
    assert 0 in seen[4:]
    watched.player.is_looped = False
    while not watched.rests():
        pass
    assert watched.player.has_ended
    watched.player.is_looped = True
    watched.player.play()
    assert 0 in [watched.number() for _ in range(9)][4:]


@pytest.mark.parametrize("end", ["interrupt", "close"])
@pytest.mark.parametrize("plays", [False, True])
def test_a_read_that_waits_ends_at_once(watch: Watch, end: str, plays: bool) -> None:
    watched = watch(frames=5, fps=0.2, plays=plays)
    watched.next()
    began_s = clock_s()
    getattr(watched.player, end)()
    watched.thread.join(5)
    assert not watched.thread.is_alive()
    assert clock_s() - began_s < 0.5
    assert watched.player.read() is None


def test_a_file_cut_short_warns_at_its_end(tmp_path: Path) -> None:
    path = write_noise_video(tmp_path / "clip.avi", frames=30)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    player = VideoPlayer(path)
    assert player.duration_s == pytest.approx(1)
    watched = Watched(player)
    watched.thread.join(0.9)
    assert "it was probably cut short" in player.warning
    assert player.duration_s == pytest.approx(0.5, abs=0.1)
    player.interrupt()
    watched.thread.join(5)
    player.close()


def test_a_file_that_has_gone_is_an_error(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", frames=3, fps=100)
    player = VideoPlayer(path, loop=True)
    path.unlink()
    for _ in range(3):
        assert player.read() is not None
    with pytest.raises(SourceError, match="cannot be read"):
        player.read()
    player.close()
