"""Legs that lie over one another in the picture are told apart by where their heat maps peak."""

from __future__ import annotations

import numpy as np
import pytest

from pose2pose_live.estimation.left_right import tell_apart
from pose2pose_live.skeleton import POSE, POSE_LANDMARKS, both_sides, other_side

KNEES, ANKLES = both_sides(POSE, "knee"), both_sides(POSE, "ankle")
HEELS = both_sides(POSE, "heel")
BACK_KNEE, FRONT_KNEE, BACK_FOOT, FRONT_FOOT = (28.3, 40.0), (36.0, 40.4), (26.0, 52.0), (38.0, 51.5)
BETWEEN = {
    **dict.fromkeys(KNEES, (32.0, 40.0)),
    **dict.fromkeys(ANKLES, (32.0, 52.0)),
    **dict.fromkeys(HEELS, (31.0, 53.0)),
}
UNSURE = 0.45


def landmarks(places: dict[int, tuple[float, float]]) -> np.ndarray:
    """A person from the side, in cells; the landmarks whose places are not given lie at the trunk."""
    points = np.tile([32.0, 20.0], (39, 1))
    for row, place in places.items():
        points[row] = place
    return points


def heat(peaks: dict[int, list[tuple[tuple[float, float], float]]]) -> np.ndarray:
    """Logits (39,64,64): for each landmark blobs at x, y with their chance."""
    y, x = np.mgrid[:64, :64]
    chance = np.full((39, 64, 64), 1e-4)
    for row, blobs in peaks.items():
        for (px, py), height in blobs:
            chance[row] = np.maximum(chance[row], height * np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * 1.5**2)))
    return np.log(chance / (1 - chance)).astype(np.float32)


def both_legs(left_is_back: float = UNSURE) -> np.ndarray:
    """Heat maps of a stride: the left leg is the back one by this chance, and the front one by what is left of 0.9."""
    other = 0.9 - left_is_back
    pairs = ((KNEES, BACK_KNEE, FRONT_KNEE), (ANKLES, BACK_FOOT, FRONT_FOOT))
    return heat(
        {
            row: [(back, chance), (front, 0.9 - chance)]
            for (left, right), back, front in pairs
            for row, chance in ((left, left_is_back), (right, other))
        }
    )


def test_landmarks_between_two_legs_go_to_one_each() -> None:
    found = tell_apart(landmarks(BETWEEN), both_legs(left_is_back=0.6), None)
    np.testing.assert_allclose(found[KNEES], [BACK_KNEE, FRONT_KNEE], atol=0.3)
    np.testing.assert_allclose(found[ANKLES], [BACK_FOOT, FRONT_FOOT], atol=0.3)
    np.testing.assert_allclose(found[HEELS] - found[ANKLES], [(-1, 1), (-1, 1)], atol=1e-9)  # feet go along
    found = tell_apart(landmarks(BETWEEN), both_legs(left_is_back=0.3), None)
    np.testing.assert_allclose(found[ANKLES], [FRONT_FOOT, BACK_FOOT], atol=0.3)


@pytest.mark.parametrize("left_is_back", [True, False])
def test_which_leg_is_which_stays_as_it_was_a_picture_ago(left_is_back: bool) -> None:
    feet, knees = [BACK_FOOT, FRONT_FOOT], [BACK_KNEE, FRONT_KNEE]
    if not left_is_back:
        feet, knees = feet[::-1], knees[::-1]
    before = landmarks(dict(zip(ANKLES + KNEES, feet + knees, strict=True)))
    against = 0.35 if left_is_back else 0.55
    found = tell_apart(landmarks(BETWEEN), both_legs(against), before)
    np.testing.assert_allclose(found[ANKLES], feet, atol=0.3)
    np.testing.assert_allclose(found[KNEES], knees, atol=0.3)


def test_a_person_who_is_seen_the_wrong_way_round_has_the_legs_of_that_way() -> None:
    """Whether it is wrong is decided later, and then everything is exchanged."""
    trunk = dict(zip(both_sides(POSE, "shoulder", "hip"), [(38, 10), (26, 10), (36, 25), (28, 25)], strict=True))
    before = landmarks(
        {**trunk, **dict(zip(ANKLES + KNEES, (FRONT_FOOT, BACK_FOOT, FRONT_KNEE, BACK_KNEE), strict=True))}
    )
    turned = landmarks(BETWEEN)
    turned[:33] = landmarks({**trunk, **BETWEEN})[:33][other_side(POSE_LANDMARKS)]
    found = tell_apart(turned, both_legs(), before)
    np.testing.assert_allclose(found[ANKLES], [BACK_FOOT, FRONT_FOOT], atol=0.3)


def test_shanks_do_not_cross_without_a_reason() -> None:
    ankle_leans_over = heat(
        {ANKLES[0]: [(BACK_FOOT, 0.4), (FRONT_FOOT, 0.5)], ANKLES[1]: [(BACK_FOOT, 0.5), (FRONT_FOOT, 0.4)]}
    )
    knees = heat({KNEES[0]: [(BACK_KNEE, 0.6), (FRONT_KNEE, 0.3)], KNEES[1]: [(BACK_KNEE, 0.3), (FRONT_KNEE, 0.6)]})
    found = tell_apart(landmarks(BETWEEN), np.maximum(ankle_leans_over, knees), None)
    assert (found[KNEES[0]] - found[KNEES[1]])[0] < 0
    assert (found[ANKLES[0]] - found[ANKLES[1]])[0] < 0


def test_legs_that_are_known_apart_stay_where_the_network_has_them() -> None:
    """One peak each; or two, of somebody else's leg that one side alone is taken for."""
    clear = {
        KNEES[0]: [(BACK_KNEE, 0.9)], KNEES[1]: [(FRONT_KNEE, 0.9)],
        ANKLES[0]: [(BACK_FOOT, 0.9), ((60.0, 50.0), 0.8)], ANKLES[1]: [(FRONT_FOOT, 0.9)],
    }  # fmt: skip
    points = landmarks({**BETWEEN, KNEES[0]: (27.0, 41.0)})
    np.testing.assert_array_equal(tell_apart(points, heat(clear), None), points)
    together = {row: [((32.0, 40.0), 0.9), ((34.0, 40.0), 0.8)] for row in KNEES}
    np.testing.assert_array_equal(tell_apart(points, heat(together), None), points)


def test_landmarks_at_their_peaks_keep_their_fractions_of_a_cell() -> None:
    points = landmarks(dict(zip(ANKLES + KNEES, ((26.4, 52.3), (37.6, 51.1), (28.0, 40.3), (36.4, 40.0)), strict=True)))
    np.testing.assert_array_equal(tell_apart(points, both_legs(), points), points)


def test_peaks_at_the_edge_are_found() -> None:
    maps = heat({row: [((0.0, 63.0), 0.6), ((20.0, 63.0), 0.6)] for row in ANKLES})
    found = tell_apart(landmarks({**BETWEEN, ANKLES[0]: (8.0, 62.0), ANKLES[1]: (12.0, 62.0)}), maps, None)
    np.testing.assert_allclose(np.sort(found[ANKLES][:, 0]), [0.0, 20.0], atol=1.0)
