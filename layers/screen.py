"""What is known of a reader's screen when the server draws the map itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

_PANELS_PX = (720, 170)
"""What the panels take of a desk's width and height."""
_PHONE_PX = 820
_PHONE_SHARE = 0.36
"""Share of a phone's height above the sheet and the legend."""
_MOST_PX = 20_000


@dataclass(frozen=True, slots=True)
class Screen:
    """What the browser says of itself: whether its system is dark, and its window in CSS pixels."""

    dark: bool = False
    width: int = 1366
    height: int = 768

    @classmethod
    def parse(cls, said: Mapping[str, object]) -> Self:
        """Read what the page's script says; anything that it does not say is as on a usual desk."""
        sides = {name: side for name in ("width", "height") if isinstance(side := said.get(name), int) and 0 < side < _MOST_PX}
        return cls(said.get("dark") is True, **sides)

    @property
    def map_px(self) -> tuple[float, float]:
        """Width and height of the free part of the map."""
        if self.width <= _PHONE_PX:
            return float(self.width), self.height * _PHONE_SHARE
        return float(max(self.width - _PANELS_PX[0], 200)), float(max(self.height - _PANELS_PX[1], 200))


USUAL_SCREEN = Screen()
