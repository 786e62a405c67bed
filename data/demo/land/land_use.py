"""What each block is for: decided by the distance to the centres, by the river, and by chance."""

from dataclasses import dataclass

import numpy as np
import shapely

from data.demo.common.frame import CENTRE, Floats, Shapes, make_dice
from data.demo.common.scale import Scale
from data.demo.land.plan import Plan, measure_reach

_SECOND_CENTRES = ((750.0, -2250.0),)
_MORE_CENTRES = ((3050.0, 1900.0), (-2700.0, 1750.0), (-2500.0, -2250.0), (2700.0, -900.0), (300.0, 3300.0))
"""Of cities larger than the full one."""
_OLD_TOWN = (-1050.0, 500.0)
_INDUSTRY = ((5050.0, 1950.0), (-4750.0, -2950.0), (6050.0, -2250.0))
_MORE_INDUSTRY = ((-5100.0, 1400.0), (1900.0, 4700.0), (-900.0, -4900.0), (-2600.0, 5200.0))
"""Offsets from the crossroads in a city whose outer ring lies at 4,900 m."""

URBAN = (
    ("slab", 0.36),
    ("tower", 0.20),
    ("villa", 0.12),
    ("school", 0.06),
    ("works", 0.06),
    ("urban_village", 0.11),
    ("shops", 0.09),
)
_MIXES: dict[str, tuple[tuple[str, float], ...]] = {
    "centre": (("centre", 0.80), ("shops", 0.10), ("tower", 0.04), ("park", 0.06)),
    "old": (("old", 0.90), ("park", 0.06), ("school", 0.04)),
    "works": (("works", 0.66), ("slab", 0.12), ("urban_village", 0.11), ("shops", 0.04), ("park", 0.07)),
    "inner": (("shops", 0.43), ("tower", 0.27), ("slab", 0.20), ("school", 0.05), ("park", 0.05)),
    "middle": (("tower", 0.32), ("slab", 0.39), ("shops", 0.12), ("school", 0.06), ("urban_village", 0.07), ("park", 0.04)),
    "outer": (*URBAN[:-1], ("shops", 0.05), ("park", 0.04)),
    "suburb": (
        ("slab", 0.19),
        ("tower", 0.07),
        ("villa", 0.10),
        ("works", 0.13),
        ("urban_village", 0.12),
        ("school", 0.03),
        ("village", 0.08),
        ("wood", 0.10),
        ("field", 0.18),
    ),
    "country": (("village", 0.15), ("wood", 0.14), ("field", 0.69), ("works", 0.02)),
}


@dataclass(frozen=True, slots=True)
class Land:
    """Use of every block, and ``peak``: 1 in the two centres, falling to 0 around them (how high towers stand)."""

    use: list[str]
    peak: Floats
    reach_m: Floats


def _zone(scale: Scale, r: float, second: float, old: float, industry: float) -> str:
    """The zone of a block, from its ring distance and its distances (as quarters spread) to the special places."""
    inner, middle, outer = scale.inner_m, scale.middle_m, scale.outer_m
    if r < 0.5 * scale.rings_m[0] or second < 600:
        return "centre"
    if old < 720:
        return "old"
    if industry < (1350 if r > outer else 1050):
        return "works"
    if r < 1.15 * inner:
        return "inner"
    if r < 1.05 * middle:
        return "middle"
    if r < 1.02 * outer:
        return "outer"
    return "suburb" if r < 1.34 * outer else "country"


def plan_land(plan: Plan, sites: Shapes) -> Land:
    """Decide the use of every block; ``nothing`` where the site is too small."""
    rng = make_dice(2)
    at = shapely.get_coordinates(shapely.centroid(np.array([b.shape for b in plan.blocks])))
    scale, large = plan.scale, plan.scale.size > 1
    offset = (at - np.array(CENTRE)) / scale.size

    def far(places: tuple[tuple[float, float], ...]) -> Floats:
        each = [np.hypot(offset[:, 0] - x, offset[:, 1] - y) for x, y in places]
        return np.asarray(np.min(each, axis=0) * (scale.size / scale.spread))

    r, old = measure_reach(at[:, 0], at[:, 1]), far((_OLD_TOWN,))
    second = far(_SECOND_CENTRES + _MORE_CENTRES * large)
    industry = far(_INDUSTRY + _MORE_INDUSTRY * large)
    by_water = shapely.distance(plan.waters.everything, shapely.points(at)) < 110
    area = shapely.area(sites)
    uses = []
    for i in range(len(at)):
        zone = _zone(scale, float(r[i]), float(second[i]), float(old[i]), float(industry[i]))
        names, weights = zip(*_MIXES[zone], strict=True)
        use = str(rng.choice(names, p=np.array(weights) / sum(weights)))
        if by_water[i] and zone not in ("suburb", "country") and rng.random() < 0.4:
            use = "park"
        uses.append("nothing" if area[i] < 1200 else use)
    peak = np.exp(-((np.minimum(r / scale.spread, second * 1.15) / 560) ** 2))
    return Land(uses, peak, r)
