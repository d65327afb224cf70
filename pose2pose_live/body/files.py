"""Reading a body file: the SMPL-X npz layout (Pavlakos et al. 2019), of the bundled open body or a user's own file."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..skeleton import ARKIT, SMPLX_JOINTS, SMPLX_PARENTS

BETA_COUNT = EXPRESSION_COUNT = 10
FACE_POINTS = 51
POSE_FEATURES = 9 * (len(SMPLX_JOINTS) - 1)
# A file with all 400 shape columns has its expressions from column 300 on; a short one (20 columns) right after the betas.
_FULL_COLUMNS, _FIRST_EXPRESSION = 400, 300
_NEEDED = ("v_template", "shapedirs", "posedirs", "J_regressor", "weights", "kintree_table", "f")


@dataclass(frozen=True)
class BodyData:
    """The arrays of one body file, in float64 or float32 as they are needed.

    v_template (V,3) m, shapedirs (V,3,10) and expression_dirs (V,3,10) m per unit, posedirs (3V,486) m, float16 where the file is, j_regressor (55,V),
    weights (V,55), faces (F,3) int32; tag: name of the body for recordings; expression_from_arkit (10,52) and vertex_colors
    (V,3) uint8 sRGB are None when the file has none. beta_names: what each shape coefficient does, empty when the file does not say.
    face_points: the 51 landmarks of the face, None when the file has none: vertices (51,3) of the triangle each lies in, and its
    barycentric coordinates (51,3).
    """

    v_template: NDArray[np.float64]
    shapedirs: NDArray[np.float64]
    expression_dirs: NDArray[np.float64]
    posedirs: NDArray[np.float32] | NDArray[np.float16]
    j_regressor: NDArray[np.float64]
    weights: NDArray[np.float32]
    faces: NDArray[np.int32]
    tag: str
    expression_from_arkit: NDArray[np.float64] | None
    vertex_colors: NDArray[np.uint8] | None
    beta_names: tuple[str, ...] = ()
    face_points: tuple[NDArray[np.int64], NDArray[np.float64]] | None = None


def read_body(path: Path) -> BodyData:
    """Reads a body file without unpickling anything. Raises ModelError, which says what is wrong with the file."""
    if not path.is_file():
        raise ModelError(
            f"body file {path}: no such file; give the path of an SMPLX_NEUTRAL.npz, or leave it out for the open body"
        )
    try:
        archive = np.load(path, allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ValueError("a single array")
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise ModelError(f"body file {path}: expected an SMPL-X .npz archive, found something else; "
                         "download SMPLX_NEUTRAL.npz (not the .pkl) or leave the path out for the open body") from error  # fmt: skip
    with archive:
        missing = [key for key in _NEEDED if key not in archive.files]
        if missing:
            raise ModelError(f"body file {path}: the arrays {', '.join(missing)} are missing; "
                             "expected a file in SMPL-X layout such as SMPLX_NEUTRAL.npz (SMPL and SMPL-H files do not fit)")  # fmt: skip
        try:
            return _checked(path, archive)
        except (ValueError, zipfile.BadZipFile, EOFError) as error:
            raise ModelError(
                f"body file {path}: {error}; the file is damaged or not in SMPL-X layout, get a fresh copy"
            ) from error


def _checked(path: Path, archive: np.lib.npyio.NpzFile) -> BodyData:
    def expect(key: str, shape: tuple[int | None, ...], dtype: type, *, or_half: bool = False) -> NDArray:
        array = archive[key]
        if array.ndim != len(shape) or any(
            want is not None and want != have for want, have in zip(shape, array.shape, strict=True)
        ):
            wanted = " x ".join("any" if want is None else str(want) for want in shape)
            raise ValueError(f"{key} has shape {' x '.join(map(str, array.shape))}, expected {wanted}")
        # The largest takes 70 MB; and the precision of float16 is no reason to look at each of 20 million values.
        return array if or_half and array.dtype == np.float16 else array.astype(dtype, copy=False)

    joint_count = len(SMPLX_JOINTS)
    template = expect("v_template", (None, 3), np.float64)
    vertex_count = len(template)
    parents = archive["kintree_table"][0].astype(np.int64)[1:]
    if tuple(parents) != SMPLX_PARENTS[1:]:
        raise ValueError(
            f"its joint tree (kintree_table) has {len(parents) + 1} joints and is not the one of SMPL-X with {joint_count}"
        )
    columns = expect("shapedirs", (vertex_count, 3, None), np.float32)
    first_expression = _FIRST_EXPRESSION if columns.shape[2] >= _FULL_COLUMNS else BETA_COUNT
    if columns.shape[2] < first_expression + EXPRESSION_COUNT:
        raise ValueError(
            f"shapedirs has {columns.shape[2]} columns, expected at least {first_expression + EXPRESSION_COUNT}"
        )
    faces = expect("f", (None, 3), np.int32)
    if len(faces) and not (faces.min() >= 0 and faces.max() < vertex_count):
        raise ValueError(f"f names vertices outside 0..{vertex_count - 1}")
    face_points = None
    if "lmk_faces_idx" in archive.files and "lmk_bary_coords" in archive.files:
        triangles = expect("lmk_faces_idx", (FACE_POINTS,), np.int64)
        if not (triangles.min() >= 0 and triangles.max() < len(faces)):
            raise ValueError(f"lmk_faces_idx names triangles outside 0..{len(faces) - 1}")
        face_points = faces[triangles].astype(np.int64), expect("lmk_bary_coords", (FACE_POINTS, 3), np.float64)
    return BodyData(
        v_template=template,
        shapedirs=columns[..., :BETA_COUNT].astype(np.float64),
        expression_dirs=columns[..., first_expression : first_expression + EXPRESSION_COUNT].astype(np.float64),
        posedirs=expect("posedirs", (vertex_count, 3, POSE_FEATURES), np.float32, or_half=True).reshape(
            -1, POSE_FEATURES
        ),
        j_regressor=expect("J_regressor", (joint_count, vertex_count), np.float64),
        weights=expect("weights", (vertex_count, joint_count), np.float32),
        faces=faces,
        tag=_tag(path, archive),
        expression_from_arkit=expect("expression_from_arkit", (EXPRESSION_COUNT, len(ARKIT)), np.float64)
        if "expression_from_arkit" in archive.files
        else None,
        vertex_colors=expect("vertex_colors", (vertex_count, 3), np.uint8)
        if "vertex_colors" in archive.files
        else None,
        beta_names=tuple(map(str, expect("beta_names", (BETA_COUNT,), np.str_)))
        if "beta_names" in archive.files
        else (),
        face_points=face_points,
    )


def _tag(path: Path, archive: np.lib.npyio.NpzFile) -> str:
    """Name and version that the file states of itself, or the file's name and the first digits of its SHA-256."""
    if "name" in archive.files and "version" in archive.files:
        return f"{archive['name']} {archive['version']}"
    with path.open("rb") as stream:
        return f"{path.stem} {hashlib.file_digest(stream, 'sha256').hexdigest()[:12]}"
