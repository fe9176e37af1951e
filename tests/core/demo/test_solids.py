"""The geometry: faces look outwards, near hides far, the camera projects as a pinhole does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.demo.bodies import BODIES
from core.demo.cabs import CABS, LAYOUTS
from core.demo.camera import Camera, Pose
from core.demo.flying import FLYING
from core.demo.render import order
from core.demo.ships import SHIPS
from core.demo.solids import (
    METAL,
    Material,
    Model,
    Solid,
    box,
    circle,
    cylinder,
    extrude,
    tube,
    wheel,
)
from core.demo.tracked import TRACKED
from core.demo.trucks import truck

SIZES = st.floats(0.2, 5.0)


def volume(solid: Solid) -> float:
    """Signed volume by the divergence theorem: positive when all faces look outwards."""
    total = 0.0
    for face in solid.faces:
        a = face.points[0]
        for b, c in zip(face.points[1:], face.points[2:], strict=False):
            total += float(a @ np.cross(b, c)) / 6
    return total


@given(SIZES, SIZES, SIZES)
def test_a_box_has_its_volume(length: float, width: float, height: float) -> None:
    solid = box((1, 1 + length), (-width, 0), (2, 2 + height), METAL)
    assert volume(solid) == pytest.approx(length * width * height)


@given(SIZES, st.sampled_from([(0, 0, 1), (0, 0, -1), (0.3, 0.2, 1)]), st.booleans())
def test_an_extrusion_looks_outwards_whichever_way_it_is_given(
    size: float, along: tuple[float, ...], reverse: bool
) -> None:
    outline = [(0, 0, 0), (size, 0, 0), (size, 1, 0), (0, 1, 0)]
    solid = extrude(outline[::-1] if reverse else outline, along, METAL)
    assert volume(solid) == pytest.approx(size)


@pytest.mark.parametrize("axis", ["x", "y", "z"])
@pytest.mark.parametrize("length", [2.0, -2.0])
def test_a_cylinder_looks_outwards_along_every_axis(axis: str, length: float) -> None:
    solid = cylinder((1, 2, 3), length, 0.5, axis, METAL, sides=64)
    assert volume(solid) == pytest.approx(np.pi * 0.25 * 2, rel=0.01)


def test_a_tube_of_rings_given_backwards_is_the_same_solid() -> None:
    rings = [circle((x, 0, 0), (r, r), "x") for x, r in ((0, 1.0), (1, 2.0), (3, 0.5))]
    assert volume(tube(rings, METAL)) == pytest.approx(volume(tube(rings[::-1], METAL)))
    assert volume(tube(rings, METAL)) > 0


def test_a_wheel_stands_on_the_ground() -> None:
    low, high = wheel(3, 1, 0.5, 0.3, METAL).bounds()
    assert low[2] == pytest.approx(0, abs=0.01)
    assert high[2] == pytest.approx(1, abs=0.01)


def test_the_nearer_of_two_boxes_is_drawn_last_from_every_side() -> None:
    boxes = [box((x, x + 1), (0, 1), (0, 1), METAL) for x in (0, 2, 4)]
    assert order(boxes, np.array([10.0, 0.5, 0.5])) == [0, 1, 2]
    assert order(boxes, np.array([-10.0, 0.5, 0.5])) == [2, 1, 0]


def test_what_stands_on_a_table_is_drawn_after_it_seen_from_above() -> None:
    # By distance of the middles the long table would come last.
    table, cup = box((-20, 6), (-1, 1), (0, 1), METAL), box((-19, -18), (-0.5, 0.5), (1, 2), METAL)
    assert order([cup, table], np.array([10.0, 0.0, 8.0])) == [1, 0]


def test_the_camera_projects_like_a_pinhole() -> None:
    camera = Camera(400, 300, focal=500, column=200, row=100, height=2)
    seen = camera.project(np.array([[10.0, 1.0, 2.0], [10.0, 0.0, 0.0]]))
    np.testing.assert_allclose(seen, [[150, 100, 10], [200, 200, 10]])


def test_ground_and_projection_agree() -> None:
    camera = Camera(40, 30, focal=50, column=20, row=10.0, height=2)
    x, y, first = camera.ground()
    points = np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], axis=1)
    seen = camera.project(points).reshape(*x.shape, 3)
    np.testing.assert_allclose(seen[0, :, 0], np.arange(40) + 0.5, atol=1e-3)
    np.testing.assert_allclose(seen[:, 0, 1], np.arange(first, 30) + 0.5, atol=1e-3)


def test_framing_fills_the_wanted_share() -> None:
    points = np.array([[20.0, -2.0, 0.0], [20.0, 2.0, 3.0], [25.0, 0.0, 1.0]])
    camera = Camera(400, 300, 300, 200, 150, 2).framed(points, (0.5, 0.6), (0.8, 0.9))
    seen = camera.project(points)[:, :2]
    assert np.ptp(seen[:, 0]) == pytest.approx(0.8 * 400) or np.ptp(seen[:, 1]) == pytest.approx(
        0.9 * 300
    )
    middle = (seen.min(axis=0) + seen.max(axis=0)) / 2
    np.testing.assert_allclose(middle, [200, 180])


def test_a_pose_and_its_inverse() -> None:
    pose = Pose((30, 2, 1), 0.7, 0.2, -0.3)
    points = np.random.default_rng(0).normal(size=(5, 3))
    np.testing.assert_allclose(pose.to_model(pose.to_world(points)), points, atol=1e-12)


@pytest.mark.parametrize(("make", "axles"), LAYOUTS)
def test_a_truck_has_two_wheels_an_axle_and_stands_on_the_ground(make: str, axles: int) -> None:
    random = np.random.default_rng(1)
    for body in BODIES:
        model = truck(make, axles, body, METAL, random)
        low = min(solid.bounds()[0][2] for solid in model)
        assert low == pytest.approx(0, abs=0.02)
        standing = [solid for solid in model if len(solid.faces) == 62]
        assert len(standing) >= 2 * axles
    assert make in CABS


@pytest.mark.parametrize("maker", [*TRACKED.values(), *FLYING.values(), *SHIPS.values()])
def test_every_vehicle_is_longer_than_wide_or_has_wings_or_rotors(
    maker: Callable[[Material, np.random.Generator], Model],
) -> None:
    model = maker(METAL, np.random.default_rng(2))
    points = np.concatenate([face.points for solid in model for face in solid.faces])
    assert np.isfinite(points).all()
    assert np.ptp(points[:, 0]) > 5
    # Left and right are about alike, but for rotors and guns.
    assert abs(points[:, 1].max() + points[:, 1].min()) < 5
