"""What is in the files, read back by readers that share nothing with the writers."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.cli import main
from pose2pose_live.conversion import FORMATS, ConversionSettings, convert
from pose2pose_live.errors import RecordingError
from pose2pose_live.frame import Ground, SmplxFrame
from pose2pose_live.humanoid import MIXAMO_BONES
from pose2pose_live.recording import load_recording
from pose2pose_live.rotations import quat_to_rotmat
from pose2pose_live.skeleton import SMPLX, SMPLX_JOINTS
from pose2pose_live.training.synthetic.bvh import parse_bvh
from tests.body.reference import save, synthetic_arrays
from tests.conversion.takes import CAMERA, frame_at, take

COUNT = 12


@pytest.fixture(scope="module")
def recorded(tmp_path_factory, body) -> Path:
    return take(tmp_path_factory.mktemp("take"), body, 2.0 + np.arange(COUNT) / 30)


@pytest.fixture(scope="module")
def files(recorded, body) -> dict[str, Path]:
    """The take in every format."""
    paths = convert(load_recording(recorded), recorded.with_suffix(""), tuple(FORMATS), ConversionSettings(), body)
    return dict(zip(FORMATS, paths, strict=True))


def posed(body: BodyModel, i: int, *, has_expression: bool = True):
    """The body at row i as the recording has it, in float32 and with the one shape of the take."""
    frame = frame_at(2.0 + i / 30)
    return body.pose(frame if has_expression else replace(frame, expression=np.zeros(10)))


def test_names_say_what_is_in_the_files(files, recorded):
    assert [path.name for path in files.values()] == [
        "take_amass.npz", "take.smpl", "take.bvh", "take_humanoid.bvh", "take.glb",
    ]  # fmt: skip
    assert {path.parent for path in files.values()} == {recorded.parent}
    assert not list(recorded.parent.glob(".*"))


def test_the_npz_has_the_layout_and_the_true_times(files, body):
    with np.load(files["npz"]) as file:  # without pickle
        arrays = {key: file[key] for key in file.files}
    assert arrays["poses"].shape == (COUNT, 165)
    assert arrays["betas"].shape == (10,)
    assert str(arrays["gender"]) == "neutral"
    assert arrays["gender"].ndim == 0
    assert arrays["mocap_framerate"] == arrays["mocap_frame_rate"] == 30
    parts = ("root_orient", "pose_body", "pose_jaw", "pose_eye", "pose_hand")
    np.testing.assert_array_equal(np.concatenate([arrays[part] for part in parts], axis=1), arrays["poses"])
    np.testing.assert_allclose(arrays["source_timestamps"], 2.0 + np.arange(COUNT) / 30)
    for i in (0, 5, COUNT - 1):
        frame = replace(SmplxFrame(0.0, CAMERA), betas=arrays["betas"].astype(float), transl=arrays["trans"][i].astype(float),
                        expression=arrays["expressions"][i].astype(float))  # fmt: skip
        again = body.pose(frame.with_full_pose(arrays["poses"][i].reshape(55, 3).astype(float)))
        np.testing.assert_allclose(again.vertices, posed(body, i).vertices, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "names"), [("bvh", dict(zip(SMPLX_JOINTS, SMPLX_JOINTS, strict=True))), ("bvh-humanoid", MIXAMO_BONES)]
)
def test_a_reader_of_bvh_finds_every_joint_where_ours_is(files, body, kind, names):
    text = files[kind].read_text()
    clip = parse_bvh(text)
    assert set(clip.names) == set(names.values())
    assert f"Frames: {COUNT}\nFrame Time: 0.03333333\n" in text
    _, positions = clip.world(clip.names, 1)
    for i in (0, 7, COUNT - 1):
        joints = posed(body, i, has_expression=False).joints
        for joint, name in names.items():
            np.testing.assert_allclose(positions[name][i] / 100, joints[SMPLX[joint]], atol=1e-5, err_msg=name)


def test_the_humanoid_bvh_rests_in_a_t_pose(files):
    clip = parse_bvh(files["bvh-humanoid"].read_text())
    offsets = dict(zip(clip.names, clip.offsets, strict=True))
    for name, direction in (
        ("LeftForeArm", (1, 0, 0)),
        ("RightHand", (-1, 0, 0)),
        ("LeftHandThumb2", (0.7071, 0, 0.7071)),
    ):
        np.testing.assert_allclose(offsets[name] / np.linalg.norm(offsets[name]), direction, atol=1e-3)


def test_angles_in_a_bvh_do_not_jump(recorded, files):
    channels = parse_bvh(files["bvh"].read_text()).frames[:, 3:]
    assert np.abs(np.diff(channels, axis=0)).max() < 60


class Glb:
    """A plain reader of GLB, written from the glTF 2.0 specification."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        magic, version, total = struct.unpack_from("<4sII", data)
        assert (magic, version, total) == (b"glTF", 2, len(data))
        length, kind = struct.unpack_from("<I4s", data, 12)
        assert kind == b"JSON"
        self.document = json.loads(data[20 : 20 + length])
        size, kind = struct.unpack_from("<I4s", data, 20 + length)
        assert kind == b"BIN\0"
        self._data = data[28 + length :]
        assert len(self._data) == size == self.document["buffers"][0]["byteLength"]

    def array(self, accessor: int) -> np.ndarray:
        about = self.document["accessors"][accessor]
        view = self.document["bufferViews"][about["bufferView"]]
        dtype = {5126: "<f4", 5125: "<u4", 5121: "u1"}[about["componentType"]]
        width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}[about["type"]]
        flat = np.frombuffer(self._data, dtype, about["count"] * width, view["byteOffset"])
        return flat.reshape(about["count"], width)

    def pose(self, i: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """World place of every joint and the vertices at key frame i, by the book."""
        nodes = self.document["nodes"]
        local = [{"translation": np.zeros(3), "rotation": np.array([0.0, 0, 0, 1])} | {
            key: np.array(node[key]) for key in ("translation", "rotation") if key in node} for node in nodes]  # fmt: skip
        morphs = np.zeros(10)
        (animation,) = self.document["animations"]
        for channel in animation["channels"]:
            sampler = animation["samplers"][channel["sampler"]]
            values, target = self.array(sampler["output"]), channel["target"]
            if target["path"] == "weights":
                morphs = values.reshape(-1, 10)[i]
            else:
                local[target["node"]][target["path"]] = values[i].astype(float)
        world: dict[int, np.ndarray] = {}

        def visit(node: int, above: np.ndarray) -> None:
            matrix = np.eye(4)
            matrix[:3, :3] = quat_to_rotmat(local[node]["rotation"])
            matrix[:3, 3] = local[node]["translation"]
            world[node] = above @ matrix
            for child in nodes[node].get("children", []):
                visit(child, world[node])

        for root in self.document["scenes"][0]["nodes"]:
            visit(root, np.eye(4))
        (primitive,) = self.document["meshes"][0]["primitives"]
        vertices = self.array(primitive["attributes"]["POSITION"]).astype(float)
        for weight, target in zip(morphs, primitive["targets"], strict=True):
            vertices = vertices + weight * self.array(target["POSITION"])
        skin = self.document["skins"][0]
        inverse = self.array(skin["inverseBindMatrices"]).reshape(-1, 4, 4).swapaxes(1, 2)
        motion = np.array([world[joint] for joint in skin["joints"]]) @ inverse
        joints, weights = (self.array(primitive["attributes"][key]) for key in ("JOINTS_0", "WEIGHTS_0"))
        np.testing.assert_allclose(weights.sum(1), 1, atol=1e-6)
        blended = np.einsum("vk,vkab->vab", weights, motion[joints])
        skinned = np.einsum("vab,vb->va", blended[:, :3, :3], vertices) + blended[:, :3, 3]
        return {nodes[joint]["name"]: world[joint][:3, 3] for joint in skin["joints"]}, skinned


def test_a_reader_of_gltf_finds_every_joint_where_ours_is_and_the_mesh_on_it(files, body):
    glb = Glb(files["glb"])
    times = glb.array(glb.document["animations"][0]["samplers"][0]["input"]).ravel()
    np.testing.assert_allclose(times, np.arange(COUNT) / 30, atol=1e-6)
    for i in (0, 7, COUNT - 1):
        joints, vertices = glb.pose(i)
        ours = posed(body, i)
        expected = posed(body, i, has_expression=False).joints
        for name, place in joints.items():
            np.testing.assert_allclose(place, expected[SMPLX[name]], atol=1e-4, err_msg=name)
        away_m = np.linalg.norm(vertices - ours.vertices, axis=1)
        # Four joints a vertex and no correctives: most vertices do not notice.
        assert np.percentile(away_m, 90) < 0.01
        assert away_m.max() < 0.05


def test_faces_point_outwards_and_normals_with_them(files):
    glb = Glb(files["glb"])
    (primitive,) = glb.document["meshes"][0]["primitives"]
    vertices, normals = (glb.array(primitive["attributes"][key]).astype(float) for key in ("POSITION", "NORMAL"))
    a, b, c = vertices[glb.array(primitive["indices"]).reshape(-1, 3)].swapaxes(0, 1)
    assert np.einsum("fi,fi->f", a, np.cross(b, c)).sum() / 6 > 0.04  # m3, positive for faces that point outwards
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-3)


def test_z_up_is_for_the_formats_that_leave_the_choice(recorded, files, body, tmp_path):
    settings = ConversionSettings(z_up=True)
    turned = dict(
        zip(
            FORMATS,
            convert(load_recording(recorded), tmp_path / "take", tuple(FORMATS), settings, body),
            strict=True,
        )
    )
    joints = posed(body, 7, has_expression=False).joints
    _, positions = parse_bvh(turned["bvh"].read_text()).world(["head"], 1)
    head = joints[SMPLX["head"]]
    np.testing.assert_allclose(positions["head"][7] / 100, [head[0], -head[2], head[1]], atol=1e-5)
    for same in ("glb", "smpl"):
        assert turned[same].read_bytes() == files[same].read_bytes()
    with np.load(turned["npz"]) as now, np.load(files["npz"]) as before:
        assert not np.allclose(now["root_orient"], before["root_orient"])
        np.testing.assert_array_equal(now["pose_body"], before["pose_body"])


def test_a_take_of_a_tilted_camera_is_written_upright(recorded, body, tmp_path):
    recording = replace(load_recording(recorded), ground=Ground((0.0, 0.8, 0.6), -1.5))
    (written,) = convert(recording, tmp_path / "take", ("bvh",), ConversionSettings(), body)
    joints = posed(body, 7, has_expression=False).joints
    _, positions = parse_bvh(written.read_text()).world(["head"], 1)
    x, y, z = joints[SMPLX["head"]]
    np.testing.assert_allclose(positions["head"][7] / 100, [x, 0.8 * y + 0.6 * z + 1.5, 0.8 * z - 0.6 * y], atol=1e-5)


def test_nothing_is_overwritten_and_no_half_file_stays(recorded, body, tmp_path, monkeypatch):
    recording = load_recording(recorded)

    def write() -> list[str]:
        return [
            path.name for path in convert(recording, tmp_path / "new" / "a.b", ("bvh",), ConversionSettings(), body)
        ]

    assert write() + write() == ["a.b.bvh", "a.b_2.bvh"]
    monkeypatch.setattr(np, "savetxt", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(RecordingError, match="the disk is full"):
        write()
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["a.b.bvh", "a.b_2.bvh"]


def test_a_body_that_is_not_the_takes_is_refused_where_it_matters(recorded, tmp_path):
    other = BodyModel.load(save(tmp_path / "SMPLX_NEUTRAL.npz", synthetic_arrays(200, 20)))
    recording = load_recording(recorded)
    assert list(convert(recording, tmp_path / "a", ("npz", "smpl"), ConversionSettings(), other))
    with pytest.raises(RecordingError, match=r"the take was made with the body .*choose that one's file \(--body\)"):
        list(convert(recording, tmp_path / "a", ("glb",), ConversionSettings(), other))


def test_a_users_own_body_without_colours_is_written_too(tmp_path):
    body = BodyModel.load(save(tmp_path / "SMPLX_NEUTRAL.npz", synthetic_arrays(300, 400)))
    path = take(tmp_path, body, np.arange(5) / 30)
    (written,) = convert(load_recording(path), tmp_path / "own", ("glb",), ConversionSettings(), body)
    joints, _ = Glb(written).pose(4)
    expected = body.joints(replace(frame_at(4 / 30), expression=np.zeros(10)))
    np.testing.assert_allclose(joints["left_wrist"], expected[SMPLX["left_wrist"]], atol=1e-4)


def test_the_command_line_converts(recorded, tmp_path, capsys):
    arguments = [
        "convert",
        str(recorded),
        "--to",
        "bvh,npz",
        "-o",
        str(tmp_path),
        "--trim",
        "0.1:0.3",
        "--fps",
        "60",
        "--up",
        "z",
        "--smooth",
    ]
    assert main(arguments) == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / "take.bvh"), str(tmp_path / "take_amass.npz")]
    with np.load(tmp_path / "take_amass.npz") as file:
        assert file["mocap_frame_rate"] == 60
        assert len(file["poses"]) == 13
    assert "Frame Time: 0.01666667" in (tmp_path / "take.bvh").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "fbx"], "expected some of npz, smpl, bvh, bvh-humanoid, glb, found fbx"),
        (["--to", "bvh,"], "found nothing"),
        (["--to", "bvh", "--trim", "5"], "expected START:END in seconds such as 2.5:10 or 3:, found 5"),
        (["--to", "bvh", "--trim", "5:2"], "expected START:END"),
        (["--to", "bvh", "--trim=-1:2"], "expected START:END"),
        (["--to", "bvh", "--trim", "a:2"], "expected a number, found a"),
        (["--to", "bvh", "--fps", "29.97"], "expected a whole number"),
        (["--to", "bvh", "--up", "x"], "invalid choice"),
    ],
)
def test_wrong_options_are_told_in_one_line(recorded, arguments, said, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["convert", str(recorded), *arguments])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--trim", "50:"], "nothing is left from 50 s on"),
        (["--smooth", "40"], "expected a frequency between 0 and 15 Hz"),
    ],
)
def test_what_the_take_does_not_allow_is_told_in_one_line(recorded, tmp_path, arguments, said, capsys):
    assert main(["convert", str(recorded), "--to", "bvh", "-o", str(tmp_path), *arguments]) == 1
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
