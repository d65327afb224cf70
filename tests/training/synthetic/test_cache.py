"""A folder of drawn pictures: the same samples, written in pieces, refused when it is somebody else's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pose2pose_live.errors import TrainingError
from pose2pose_live.training.synthetic import CachedPeople, SyntheticPeople, cache, write_cache
from pose2pose_live.training.synthetic.contact_sheet import contact_sheet


def test_cached_samples_are_the_drawn_ones(opengl: None, tmp_path: Path) -> None:
    people = SyntheticPeople(5, seed=8, size_px=128)
    write_cache(people, tmp_path)
    kept = CachedPeople(tmp_path)
    assert len(kept) == 5
    assert not list(tmp_path.glob("labels_*"))
    for index in (0, 4):
        ours, theirs = people[index], kept[index]
        assert ours.smplx is not None
        assert theirs.smplx is not None
        for name, tolerance in (
            ("joints_3d", 1e-5),
            ("joints_2d", 1e-3),
            ("person_box_xywh", 1e-3),
            ("focal_px", 1e-3),
        ):
            np.testing.assert_allclose(getattr(theirs, name), getattr(ours, name), atol=tolerance, rtol=1e-6)
        np.testing.assert_allclose(theirs.smplx.body_pose, ours.smplx.body_pose, atol=1e-6)
        np.testing.assert_array_equal(theirs.joints_visible, ours.joints_visible)
        assert theirs.smplx.face_valid == ours.smplx.face_valid
        assert theirs.source == ours.source
        assert np.abs(theirs.picture.astype(int) - ours.picture).mean() < 4  # JPEG
    assert kept[-1].name == kept[4].name
    with pytest.raises(IndexError):
        kept[5]
    with pytest.raises(TrainingError, match="other options"):
        write_cache(SyntheticPeople(5, seed=9, size_px=128), tmp_path)
    contact_sheet(people[:2], tmp_path / "sheet.png", with_labels=True, columns=2)
    assert (tmp_path / "sheet.png").stat().st_size > 1000
    people.close()


def test_an_interrupted_run_goes_on(opengl: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_PIECE", 2)
    people = SyntheticPeople(4, seed=8, size_px=128)
    with pytest.raises(TrainingError, match="goes on where it stopped"):
        CachedPeople(tmp_path)
    cache._start_worker(people, tmp_path)
    assert cache._draw_piece(0) == 2
    first = (tmp_path / "0000" / "0000000.jpg").stat().st_mtime_ns
    with pytest.raises(TrainingError, match="expected a finished folder"):
        CachedPeople(tmp_path)
    cache._draw_piece(2)
    write_cache(people, tmp_path)  # nothing left to draw, only to join
    assert (tmp_path / "0000" / "0000000.jpg").stat().st_mtime_ns == first
    assert [sample.source for sample in CachedPeople(tmp_path)] == ["procedural"] * 4
    people.close()
