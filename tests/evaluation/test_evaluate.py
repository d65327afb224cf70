"""The whole command on a tiny folder made of the bundled clip."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from pose2pose_live.cli import main
from pose2pose_live.errors import DisplayError, SourceError
from pose2pose_live.evaluation import REPORT_FILE, pck, run
from pose2pose_live.evaluation.capture import shots
from pose2pose_live.evaluation.fingers import FINGERS
from pose2pose_live.evaluation.positions import JOINTS, smplx_positions
from pose2pose_live.evaluation.samples import Samples
from pose2pose_live.frame import CameraFrame
from pose2pose_live.mocap import MotionCapture
from pose2pose_live.motion import MocapControls
from pose2pose_live.resources import asset_path, engine_path
from pose2pose_live.sources import open_source

PHOTO = "images/own/person.jpg"
NAMES = list(pck.JOINTS)
LISTED_PICTURES = 45


@pytest.fixture(scope="module")
def plain_mocap():
    with MotionCapture.open(controls=MocapControls(smoothing=0.0)) as opened:
        yield opened


@pytest.fixture(scope="module")
def first_pictures() -> list[CameraFrame]:
    with open_source(asset_path("demo.mp4")) as clip:
        return [picture for picture, _ in zip(clip, range(LISTED_PICTURES), strict=False)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, plain_mocap: MotionCapture, first_pictures: list[CameraFrame]) -> Path:
    """A clip, and a photograph whose annotation is what the engine itself says, but for the wrists, which are put elsewhere."""
    made = tmp_path_factory.mktemp("samples")
    for below in ("clips", "images/own", "gt"):
        (made / below).mkdir(parents=True)
    image = first_pictures[0].image
    height, width = image.shape[:2]
    writer = cv2.VideoWriter(str(made / "clips" / "demo.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 30, (width, height))
    for picture in first_pictures:
        writer.write(picture.image)
    writer.release()
    cv2.imwrite(str(made / PHOTO), image, [cv2.IMWRITE_JPEG_QUALITY, 100])
    stored = cv2.imread(str(made / PHOTO))
    assert stored is not None
    ((_, shot),) = shots(plain_mocap, [CameraFrame(stored, 0.0, 0, PHOTO)], 1.0)
    points = pck.smplx_points(shot.joints, shot.pose.camera)
    rows = [[*points[name] + [(width if "wrist" in name else 0), 0], 2] for name in NAMES]
    person = {"file": PHOTO, "bbox": [0, 0, width, height], "keypoints": rows}
    elsewhere = {**person, "keypoints": [[x - 2 * width, y, 2] for x, y, _ in rows]}
    (made / "gt" / "body2d.json").write_text(json.dumps({"joint_names": NAMES, "persons": [elsewhere, person]}))
    sign = {"file": PHOTO, "gesture": "none", "extended": dict.fromkeys(FINGERS, 1)}
    (made / "gt" / "gestures.json").write_text(json.dumps([sign]))
    with open_source(made / "clips" / "demo.mp4") as clip:
        joints = np.array([shot.joints for _, shot in shots(plain_mocap, clip, 1.0)])
    true = 1.1 * smplx_positions(joints) * [1, -1, -1] + [0.5, 0, 3]  # as OpenCV has axes, and a taller person
    reference = {"joint_names": JOINTS, "clips": [{"file": "clips/demo.mp4", "joints": true.tolist()}]}
    (made / "gt" / "body3d.json").write_text(json.dumps(reference))
    return made


def _rows(page: str) -> dict[str, list[str]]:
    """First cell -> the others, of every row; the first row with such a cell counts."""
    rows: dict[str, list[str]] = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        rows.setdefault(cells[0], cells[1:])
    return rows


def test_the_page_holds_the_figures_and_the_sheets_are_pictures(folder: Path, tmp_path: Path, capfd):
    code = main(["evaluate", str(folder), "-o", str(tmp_path / "out")])
    told = capfd.readouterr()
    page = (tmp_path / "out" / REPORT_FILE).read_text(encoding="utf-8")
    rows = _rows(page)
    assert rows["photographs with a person tracked"] == ["1 of 1"]
    assert rows["PCK@0.05 of projected joints"] == ["0.857"]  # 12 of 14: the wrists were moved
    assert rows["wrist"][:2] == ["2", "0.00"]
    assert rows["knee"][:2] == ["2", "1.00"]
    assert float(rows["knee"][4]) <= 1.0  # MediaPipe's
    pictures, tracked, *_ = rows["demo"]
    assert (pictures, tracked) == (str(LISTED_PICTURES), "100 %")
    smooth, plain, raw, video = map(float, rows["demo"][5:9])
    assert 0 < smooth < plain < 100
    assert 0 < video < 100
    assert 0 < raw < 200
    assert 0 <= float(rows["demo"][9]) < 100
    assert rows["lag that the smoothing adds, median clip, ms"] == [rows["demo"][9]]
    in_space = page.split("### Joints in 3D")[1]
    plain_mm, smooth_mm, *theirs_mm = (tuple(map(float, cell.split(" / "))) for cell in _rows(in_space)["demo"])
    assert plain_mm[0] == 0, "only size and place differ"
    assert 20 < plain_mm[1] < 80, "by a tenth of the way from the hips"
    assert 0 < smooth_mm[0] < 40
    assert all(20 < pa < mpjpe < 300 for pa, mpjpe in theirs_mm)
    title = "PA-MPJPE / MPJPE of the clips with a reference in 3D, unsmoothed, mm"
    assert rows[title] == [_rows(in_space)["demo"][0]]
    faces = page.split("### Faces: correlation / difference")[1]
    opening = _rows(faces)["demo"][0].split(" / ")
    assert 0 < float(opening[1]) < 0.1
    assert rows["mouth opening, posed and seen, median clip: correlation"] == [opening[0]]
    assert rows["hand found"][:3] == ["thumb", "index", "middle"]
    assert "person" in rows
    if "no contact sheets" in page:
        pytest.skip("no OpenGL on this machine")
    assert code == 0
    assert told.err == ""
    for name, width in (("open_pictures.jpg", 640), ("open_clips.jpg", 1920), ("open_signs.jpg", 640)):
        assert f"![{name}]({name})" in page
        assert str(tmp_path / "out" / name) in told.out
        sheet = cv2.imread(str(tmp_path / "out" / name))
        assert sheet is not None
        assert sheet.shape[1] == width
        left, right = sheet[20:260, :320].astype(int), sheet[20:260, 320:640].astype(int)
        drawn = np.abs(left - right).max(axis=2) > 40  # by far more than JPEG changes
        assert drawn.mean() > 0.01, f"{name}: the mesh must be on the second picture"


def test_engines_stand_side_by_side(folder: Path, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setattr(run, "_PICTURES_OF_A_CLIP", 1)
    other = tmp_path / "other"
    shutil.copytree(engine_path("landmarks"), other)
    manifest = (other / "engine.toml").read_text().replace('name = "landmarks"', 'name = "other"')
    (other / "engine.toml").write_text(manifest)
    few = tmp_path / "few"
    shutil.copytree(folder / "images", few / "images")
    shutil.copytree(folder / "gt", few / "gt", ignore=shutil.ignore_patterns("body3d.json"))
    main(["evaluate", str(few), "-o", str(tmp_path / "out"), "--engine", "landmarks", "--engine", str(other)])
    page = (tmp_path / "out" / REPORT_FILE).read_text(encoding="utf-8")
    assert "|  | landmarks | other |" in page
    assert _rows(page)["PCK@0.05 of projected joints"] == ["0.857", "0.857"]
    assert "\n## landmarks\n" in page
    assert "\n## other\n" in page
    capsys.readouterr()
    assert main(["evaluate", str(few), "-o", str(tmp_path / "out"), "--engine", "open", "--engine", "open"]) == 1
    assert "two engines have the same name" in capsys.readouterr().err


def test_without_opengl_the_figures_are_there_all_the_same(tmp_path: Path, folder: Path, monkeypatch, capsys):
    def fails(stack: object) -> None:
        raise DisplayError("no EGL device gives an OpenGL context")

    monkeypatch.setattr(run, "windowless_context", fails)
    shutil.copytree(folder / "images", tmp_path / "few" / "images")
    assert main(["evaluate", str(tmp_path / "few"), "-o", str(tmp_path / "out")]) == 1
    assert (
        capsys.readouterr().err
        == "pose2pose-live: there are no contact sheets: no EGL device gives an OpenGL context\n"
    )
    page = (tmp_path / "out" / REPORT_FILE).read_text(encoding="utf-8")
    assert "Note: there are no contact sheets" in page
    assert _rows(page)["PCK@0.05 of projected joints"] == ["–"]  # nothing is annotated
    assert [path.name for path in (tmp_path / "out").iterdir()] == [REPORT_FILE]


def test_one_run_gives_what_the_chain_gives_with_and_without_smoothing(
    plain_mocap: MotionCapture, mocap: MotionCapture, first_pictures: list[CameraFrame]
):
    found = [shot for _, shot in shots(plain_mocap, first_pictures, 1.0)]
    live = [mocap(picture) for picture in first_pictures]
    plain_mocap.reset()
    unsmoothed = [plain_mocap(picture) for picture in first_pictures]
    for shot, smooth, plain in zip(found, live, unsmoothed, strict=True):
        np.testing.assert_allclose(shot.smooth.full_pose, smooth.full_pose, atol=1e-9)
        np.testing.assert_allclose(shot.pose.full_pose, plain.full_pose, atol=1e-9)
    assert [shot.begins for shot in found] == [True] + [False] * (LISTED_PICTURES - 1)
    assert np.abs(found[-1].smooth.full_pose - found[-1].pose.full_pose).max() > 1e-4


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("gt/body2d.json", "{", "cannot be used"),
        ("gt/body2d.json", '{"joint_names": ["nose"], "persons": [{"file": "a.jpg"}]}', "KeyError: 'keypoints'"),
        ("gt/gestures.json", '[{"file": "images/a.jpg", "extended": {"thumb": 1}}]', "KeyError: 'index'"),
        ("gt/clips.json", '[{"file": "clips/gone.mp4"}]', "gone.mp4: named in gt/, but not there"),
        ("gt/body3d.json", '{"joint_names": ["nose"], "clips": []}', "cannot be used .ValueError"),
        ("notes.txt", "", "no clip and no picture was found"),
    ],
)
def test_a_folder_that_cannot_be_used_is_told(file: str, text: str, message: str, tmp_path: Path):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)
    with pytest.raises(SourceError, match=message):
        Samples.read(tmp_path)


def test_a_reference_of_another_clip_is_told(folder: Path, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setattr(run, "_PICTURES_OF_A_CLIP", 1)
    for below in ("clips", "gt"):
        shutil.copytree(folder / below, tmp_path / "few" / below, ignore=shutil.ignore_patterns("body2d*", "gest*"))
    reference = tmp_path / "few" / "gt" / "body3d.json"
    data = json.loads(reference.read_text())
    data["clips"][0]["joints"].pop()
    reference.write_text(json.dumps(data))
    assert main(["evaluate", str(tmp_path / "few"), "-o", str(tmp_path / "out")]) == 1
    assert f"expected joints for each of the {LISTED_PICTURES} pictures of clips/demo.mp4" in capsys.readouterr().err


def test_errors_are_one_line(tmp_path: Path, capsys):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "broken.jpg").write_text("hello")
    for arguments, message in (
        ([str(tmp_path / "nowhere")], "no such folder"),
        ([str(tmp_path), "--engine", str(tmp_path)], "is no engine folder"),
        ([str(tmp_path), "-o", str(tmp_path / "images" / "broken.jpg")], "the folder cannot be made"),
        ([str(tmp_path), "-o", str(tmp_path / "out")], "broken.jpg: the picture cannot be read"),
    ):
        assert main(["evaluate", *arguments]) == 1
        told = capsys.readouterr().err
        assert message in told
        assert told.count("\n") == 1
