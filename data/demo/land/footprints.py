"""Footprints of one block in its own frame: x along the block's longest side. Each maker adds drafts to a ``Lot``."""

from dataclasses import dataclass, field

import numpy as np

from data.demo.common.frame import Floats

_OCTAGON = np.array([[np.cos(a), np.sin(a)] for a in np.arange(8) * np.pi / 4 + np.pi / 8])
_BEND = np.array([34.0, 0.0])
"""From the middle of a running track to the middle of its bend."""
_DISC = np.array([[np.cos(a), np.sin(a)] for a in np.arange(16) * np.pi / 8])


@dataclass(slots=True)
class Lot:
    """The block's box (metres, local), its peak (0 to 1), ring distance as a share of the outer ring, and the drafts made so far.

    ``on`` holds, for a tower, the index of the podium it stands on, otherwise -1: the podium gets a hole there, so that footprints
    of one block never overlap.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    peak: float
    out: float
    rng: np.random.Generator
    rings: list[Floats] = field(default_factory=list)
    heights: list[float] = field(default_factory=list)
    uses: list[str] = field(default_factory=list)
    on: list[int] = field(default_factory=list)
    track: Floats | None = None

    def add(self, ring: Floats, height_m: float, use: str, on: int = -1) -> int:
        """Add a draft and return its index."""
        self.rings.append(ring)
        self.heights.append(height_m)
        self.uses.append(use)
        self.on.append(on)
        return len(self.rings) - 1


def make_box(x: float, y: float, w: float, h: float) -> Floats:
    """A box around (x, y)."""
    a, b, c, d = x - w / 2, y - h / 2, x + w / 2, y + h / 2
    return np.array([[a, b], [c, b], [c, d], [a, d]])


def make_l_shape(x: float, y: float, w: float, h: float, t: float) -> Floats:
    """An L of thickness ``t``."""
    a, b, c, d = x - w / 2, y - h / 2, x + w / 2, y + h / 2
    return np.array([[a, b], [c, b], [c, b + t], [a + t, b + t], [a + t, d], [a, d]])


def make_u_shape(x: float, y: float, w: float, h: float, t: float) -> Floats:
    """A U of thickness ``t``, open to the north."""
    a, b, c, d = x - w / 2, y - h / 2, x + w / 2, y + h / 2
    return np.array([[a, b], [c, b], [c, d], [c - t, d], [c - t, b + t], [a + t, b + t], [a + t, d], [a, d]])


def _lots(lot: Lot, width: float, depth: float) -> list[tuple[float, float, float, float]]:
    """The box divided into about ``width`` × ``depth``: centre and size of each part."""
    nx, ny = max(1, int((lot.x1 - lot.x0) // width)), max(1, int((lot.y1 - lot.y0) // depth))
    w, h = (lot.x1 - lot.x0) / nx, (lot.y1 - lot.y0) / ny
    return [(lot.x0 + (i + 0.5) * w, lot.y0 + (j + 0.5) * h, w, h) for i in range(nx) for j in range(ny)]


def fill_centre(lot: Lot) -> None:
    """Podiums with office towers; the nearer the peak, the higher."""
    rng = lot.rng
    for x, y, w, h in _lots(lot, 85, 80):
        dice, side = rng.random(), rng.uniform(26, 40)
        podium = lot.add(make_box(x, y, w - 14, h - 14), rng.uniform(14, 26), "commercial")
        if dice >= 0.86:
            continue
        tx, ty = x + rng.uniform(-0.12, 0.12) * w, y + rng.uniform(-0.12, 0.12) * h
        height = min(285.0, rng.uniform(55, 110) + lot.peak * rng.gamma(2.2, 42))
        if dice < 0.55:
            tower = make_box(tx, ty, side, side * rng.uniform(0.75, 1.15))
        else:
            tower = np.array([tx, ty]) + (_OCTAGON if dice < 0.75 else _DISC) * side * 0.54
        lot.add(tower, height, "office", podium)


def fill_shops(lot: Lot) -> None:
    """Perimeter, L and U blocks, and low podiums with one office tower."""
    rng = lot.rng
    for x, y, w, h in _lots(lot, 70, 62):
        dice, height = rng.random(), rng.uniform(15, 34)
        if dice < 0.3:
            lot.add(make_u_shape(x, y, w - 12, h - 12, 16), height, "commercial")
        elif dice < 0.5:
            lot.add(make_l_shape(x, y, w - 12, h - 12, 18), height, "commercial")
        elif dice < 0.8:
            podium = lot.add(make_box(x, y, w - 12, h - 12), rng.uniform(10, 20), "commercial")
            tower = make_box(x + rng.uniform(-6, 6), y, rng.uniform(22, 30), rng.uniform(20, 28))
            lot.add(tower, rng.uniform(42, 92), "office", podium)
        else:
            lot.add(make_box(x, y, w - 14, h - 18), height, "commercial")


def _rows(lot: Lot, height_m: float, depth: float, pitch: float, length: tuple[float, float], gap: tuple[float, float], step: int) -> None:
    """Rows of slabs along the box; heights vary by storeys up to ``step`` up and down."""
    rng = lot.rng
    tall = lot.y1 - lot.y0
    n = max(1, int((tall - 8) // pitch))
    first = lot.y0 + (tall - (n - 1) * pitch) / 2
    for row in range(n):
        x, y = lot.x0 + 4 + rng.uniform(0, 6), first + row * pitch
        while x < lot.x1 - 12:
            w = min(rng.uniform(*length), lot.x1 - 4 - x)
            if w < 0.6 * length[0]:
                break
            lot.add(
                make_box(x + w / 2, y + rng.normal(0, 0.8), w, depth),
                max(9.0, height_m + 3 * int(rng.integers(-step, step + 1))),
                "residential",
            )
            x += w + rng.uniform(*gap)


def fill_slabs(lot: Lot) -> None:
    """Walk-up slabs in rows: the gap follows the height (daylight)."""
    height = 3 * round(lot.rng.uniform(15, 21) / 3) if lot.rng.random() < 0.6 else 3 * round(lot.rng.uniform(24, 36) / 3)
    depth = lot.rng.uniform(11.5, 14)
    _rows(lot, height, depth, max(depth + 15, min(depth + height * 0.85, 52)), (38, 62), (8, 14), 1)


def fill_towers(lot: Lot) -> None:
    """Point towers."""
    height = 3 * round(lot.rng.uniform(48, 99 if lot.out < 0.68 else 81) / 3)
    _rows(lot, height, lot.rng.uniform(15, 18), lot.rng.uniform(50, 62), (24, 38), (16, 26), 4)


def fill_old_town(lot: Lot) -> None:
    """Courtyard houses, wall to wall."""
    rng, y = lot.rng, lot.y0
    while y < lot.y1 - 8:
        depth, x = rng.uniform(12, 18), lot.x0
        while x < lot.x1 - 8:
            w = rng.uniform(12, 26)
            dice = rng.random()
            if dice < 0.62:
                lot.add(make_box(x + w / 2, y + depth / 2, w - 2.5, depth - 3), rng.uniform(4, 9.5), "old")
            elif dice < 0.88:
                lot.add(make_u_shape(x + w / 2, y + depth / 2, w - 2, depth - 2.5, 4.5), rng.uniform(4, 9.5), "old")
            x += w
        y += depth


def fill_urban_village(lot: Lot) -> None:
    """Houses of three to six floors at 15 m pitch, let to many."""
    rng, y = lot.rng, lot.y0
    while y < lot.y1 - 11:
        x = lot.x0
        while x < lot.x1 - 11:
            w = rng.uniform(12, 19)
            if rng.random() < 0.9:
                lot.add(make_box(x + w / 2, y + 7, w - 3, 11.5), float(rng.choice([9, 12, 15, 18])), "old")
            x += w
        y += float(rng.choice([15, 15, 20]))


def fill_villas(lot: Lot) -> None:
    """Detached houses in gardens."""
    rng, y = lot.rng, lot.y0
    while y < lot.y1 - 14:
        x = lot.x0 + rng.uniform(0, 6)
        while x < lot.x1 - 14:
            lot.add(make_box(x + 9, y + 9, rng.uniform(12, 18), rng.uniform(10, 13)), rng.uniform(6.5, 10), "residential")
            x += rng.uniform(24, 30)
        y += rng.uniform(30, 36)


def fill_village(lot: Lot) -> None:
    """A cluster of farmhouses on a lattice with gaps, around the middle of the block."""
    rng = lot.rng
    cx, cy = (lot.x0 + lot.x1) / 2, (lot.y0 + lot.y1) / 2
    spread = min(110.0, 0.3 * min(lot.x1 - lot.x0, lot.y1 - lot.y0) + 30)
    for x in np.arange(cx - 2 * spread, cx + 2 * spread, 21.0):
        for y in np.arange(cy - 2 * spread, cy + 2 * spread, 19.0):
            if rng.random() < 0.95 * np.exp(-(((x - cx) / spread) ** 2) - ((y - cy) / spread) ** 2):
                lot.add(
                    make_box(x + rng.normal(0, 1), y + rng.normal(0, 1), rng.uniform(10, 16), rng.uniform(9, 12)), rng.uniform(5, 11), "old"
                )


def fill_works(lot: Lot) -> None:
    """Sheds and workshops."""
    rng = lot.rng
    for x, y, w, h in _lots(lot, rng.uniform(75, 130), rng.uniform(48, 75))[:30]:
        if rng.random() < 0.88:
            lot.add(make_box(x, y, w - 14, h - 13), rng.uniform(8, 15), "industrial")


def fill_school(lot: Lot) -> None:
    """Teaching buildings beside a running track, where there is room for one."""
    rng = lot.rng
    w, h, cy = lot.x1 - lot.x0, lot.y1 - lot.y0, (lot.y0 + lot.y1) / 2
    if w < 120 or h < 95:
        for x, y, lw, lh in _lots(lot, 56, 42):
            lot.add(make_box(x, y, lw - 12, min(14.0, lh - 12)), float(rng.choice([15, 18])), "public")
        return
    bend = np.array([[np.cos(a), np.sin(a)] for a in np.linspace(-np.pi / 2, np.pi / 2, 12)]) * 19
    lot.track = np.vstack([bend + _BEND, -bend - _BEND]) + np.array([lot.x0 + 62, cy])
    for x in np.arange(lot.x0 + 141, min(lot.x1 - 8, lot.x0 + 276), 62):
        lot.add(make_u_shape(x, cy + h * 0.2, min(46, h * 0.5), min(38, h * 0.4), 10), float(rng.choice([15, 18])), "public")
        lot.add(make_box(x, cy - h * 0.22, 42, 13), 18.0, "public")


MAKERS = {
    "centre": fill_centre,
    "shops": fill_shops,
    "slab": fill_slabs,
    "tower": fill_towers,
    "old": fill_old_town,
    "urban_village": fill_urban_village,
    "villa": fill_villas,
    "village": fill_village,
    "works": fill_works,
    "school": fill_school,
}
