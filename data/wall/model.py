"""A tour and its parts, and the checks of what people write into them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from data.core.errors import BadInput
from data.core.text import could_be_code, defuse, storable
from data.notices.addresses import is_address

PLAYLIST = "day"
"""The playlist of scenes that name none, shown whenever the schedule names no other."""
WALL = "main"
"""The wall of an address that names none."""
MOST_SCENES, MOST_RULES, MOST_NAMES = 60, 40, 20
LONGEST_NAME, LONGEST_DWELL_S, LONGEST_ADDRESS = 60, 3_600, 300
_WORD = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_FORM, _NEEDED = "it does not have the right form", "it is needed"

Days = Literal["all", "working", "off"]
DAYS: tuple[Days, ...] = ("all", "working", "off")


@dataclass(frozen=True, slots=True)
class Camera:
    """Where a scene begins to look from; ``zoom`` ``None``: the area fills the picture. Angles in degrees; an orbit turns the bearing."""

    zoom: float | None = None
    pitch: float = 57
    bearing: float = -22
    orbit_deg_per_s: float = 0.3


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture of a tour.

    Attributes:
        id: its number; 0 for one that is new, below 0 for one that nobody wrote.
        name, name_en: what it is called.
        area: code of the area that is shown; ``zone``: of a functional zone that is shown instead.
        playlist: the schedule chooses scenes by it.
        layers, measure, panels: names of what is drawn, coloured by, and written beside it; empty: as a wall has it by itself.
        camera: where it begins to look from.
        dwell_s: for how long it stands.
    """

    id: int
    name: str
    name_en: str
    area: str
    zone: str | None = None
    playlist: str = PLAYLIST
    layers: tuple[str, ...] = ()
    measure: str = ""
    panels: tuple[str, ...] = ()
    camera: Camera = field(default_factory=Camera)
    dwell_s: int = 20

    def body(self) -> dict[str, Any]:
        """What the column ``body`` holds."""
        kept = {name: list(getattr(self, name)) for name in ("layers", "panels")}
        return {**kept, "measure": self.measure, "camera": asdict(self.camera), "dwell_s": self.dwell_s}


@dataclass(frozen=True, slots=True)
class ScheduleRule:
    """When a playlist is shown. Of several that fit, the first in the list wins.

    Attributes:
        playlist: its name.
        first_min, last_min: minutes since midnight; an end that is not after the begin is on the next day.
        days: every day, working days alone, or days off alone, as the city's calendar has them.
        weekdays: 1 Monday to 7 Sunday; empty: all.
    """

    playlist: str
    first_min: int
    last_min: int
    days: Days = "all"
    weekdays: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Interrupts:
    """Which cases break into a tour: serious new ones, those at three times their allowed time; for how long, and how much time between."""

    serious: bool = True
    late_3: bool = True
    stays_s: int = 25
    gap_s: int = 180


@dataclass(frozen=True, slots=True)
class TourSettings:
    """What holds for a tour as a whole.

    Attributes:
        schedule: which playlist when.
        interrupt: which cases break in.
        brightness: of each hour of the day, 0.2 to 1.
        shift_px, shift_every_s: how far the picture is moved against panels that burn in, and how often.
        alarm: addresses for e-mail and web hooks that are told of silent screens; empty: those who are told of late cases of the city.
    """

    schedule: tuple[ScheduleRule, ...] = ()
    interrupt: Interrupts = field(default_factory=Interrupts)
    brightness: tuple[float, ...] = (0.7,) * 6 + (0.85,) + (1.0,) * 12 + (0.9, 0.9, 0.85, 0.8, 0.75)
    shift_px: int = 2
    shift_every_s: int = 60
    alarm: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """Names that scenes may use for layers, measures and panels."""

    layers: tuple[str, ...]
    measures: tuple[str, ...]
    panels: tuple[str, ...]


# ---- Reading what somebody wrote ----


class Reader:
    """Reads fields of an object from outside; each fault names the place of the field."""

    def __init__(self, held: Any, place: str) -> None:
        if not isinstance(held, Mapping):
            raise BadInput(field=place or "body", value="", reason=_FORM)
        self._held, self._place = held, place

    def refuse_others(self, known: Sequence[str]) -> None:
        """Refuse fields that nothing reads."""
        for name in self._held:
            if name not in known:
                raise self.fault(str(name)[:60], "it is not known here")

    def fault(self, name: str, reason: str) -> BadInput:
        """The error of a field."""
        value = self._held.get(name, "")
        return BadInput(field=f"{self._place}.{name}" if self._place else name, value=_show(value), reason=reason)

    def word(self, name: str, otherwise: str = "") -> str:
        """A name of small letters, digits and hyphens."""
        value = self._held.get(name, otherwise)
        if not isinstance(value, str) or (value and not _WORD.fullmatch(value)):
            raise self.fault(name, _FORM)
        return value or otherwise

    def text(self, name: str, needed: bool = False) -> str:
        """A short text in one line."""
        value = self._held.get(name) or ""
        if not isinstance(value, str) or not storable(value) or defuse(value) != value or "\n" in value:
            raise self.fault(name, _FORM)
        if len(value) > LONGEST_NAME:
            raise self.fault(name, "it is too long")
        if needed and not value.strip():
            raise self.fault(name, _NEEDED)
        return value.strip()

    def code(self, name: str, needed: bool = False) -> str | None:
        """A code of an area."""
        value = self._held.get(name)
        if value in (None, "") and not needed:
            return None
        if not isinstance(value, str) or not could_be_code(value):
            raise self.fault(name, _FORM if value else _NEEDED)
        return value

    def number(self, name: str, least: float, most: float, otherwise: float) -> float:
        """A number between two limits."""
        value = self._held.get(name, otherwise)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise self.fault(name, _FORM)
        if value < least:
            raise self.fault(name, "it is too small")
        if value > most:
            raise self.fault(name, "it is too large")
        return value

    def whole(self, name: str, least: int, most: int, otherwise: int) -> int:
        """A whole number between two limits."""
        value = self.number(name, least, most, otherwise)
        if value != int(value):
            raise self.fault(name, "it is not a whole number")
        return int(value)

    def truth(self, name: str, otherwise: bool) -> bool:
        """True or false."""
        value = self._held.get(name, otherwise)
        if not isinstance(value, bool):
            raise self.fault(name, _FORM)
        return value

    def items(self, name: str, most: int) -> list[Any]:
        """A list."""
        value = self._held.get(name) or []
        if not isinstance(value, list):
            raise self.fault(name, _FORM)
        if len(value) > most:
            raise self.fault(name, "there are too many")
        return value

    def names(self, name: str, known: Sequence[str]) -> tuple[str, ...]:
        """Names, each of which is known."""
        found = self.items(name, MOST_NAMES)
        if any(one not in known for one in found):
            raise self.fault(name, "it is not known here")
        return tuple(dict.fromkeys(found))

    def part(self, name: str) -> "Reader":
        """An object in a field; an empty one where there is none."""
        return Reader(self._held.get(name) or {}, f"{self._place}.{name}" if self._place else name)

    def minutes(self, name: str) -> int:
        """A time of day as minutes since midnight."""
        value = self._held.get(name)
        if not isinstance(value, str) or not _TIME.fullmatch(value):
            raise self.fault(name, _FORM if value else _NEEDED)
        return int(value[:2]) * 60 + int(value[3:])


def _show(value: object) -> str:
    """What somebody wrote, cut. A number of thousands of digits and a list a thousand deep have no text."""
    try:
        return str(value)[:60]
    except (ValueError, RecursionError):
        return "…"


_SCENE = ("id", "name", "name_en", "area", "zone", "playlist", "layers", "measure", "panels", "camera", "dwell_s")
_CAMERA = ("zoom", "pitch", "bearing", "orbit_deg_per_s")
STEEPEST_DEG = 60
"""Beyond it the picture reaches the horizon, and the map would ask for tiles of half the world."""
_RULE = ("playlist", "from", "until", "days", "weekdays")
_SETTINGS = ("schedule", "interrupt", "brightness", "pixel_shift", "alarm")


def read_scene(held: Any, place: str, known: Known) -> Scene:
    """A scene that somebody wrote.

    Raises:
        BadInput: with the place of the first fault.
    """
    given = Reader(held, place)
    given.refuse_others(_SCENE)
    measure = given.word("measure")
    if measure and measure not in known.measures:
        raise given.fault("measure", "it is not known here")
    return Scene(
        id=given.whole("id", -(2**53), 2**53, 0),
        name=given.text("name", needed=True),
        name_en=given.text("name_en"),
        area=given.code("area", needed=True) or "",
        zone=given.code("zone"),
        playlist=given.word("playlist", PLAYLIST),
        layers=given.names("layers", known.layers),
        measure=measure,
        panels=given.names("panels", known.panels),
        camera=_read_camera(given.part("camera"), held.get("camera") or {}),
        dwell_s=given.whole("dwell_s", 5, LONGEST_DWELL_S, 20),
    )


def _read_camera(given: Reader, held: Mapping[str, Any]) -> Camera:
    given.refuse_others(_CAMERA)
    usual = Camera()
    return Camera(
        zoom=None if held.get("zoom") is None else given.number("zoom", 1, 20, 12),
        pitch=given.number("pitch", 0, STEEPEST_DEG, usual.pitch),
        bearing=given.number("bearing", -360, 360, usual.bearing),
        orbit_deg_per_s=given.number("orbit_deg_per_s", -3, 3, usual.orbit_deg_per_s),
    )


def read_scenes(held: Any, known: Known) -> tuple[Scene, ...]:
    """The scenes of a tour, in their order.

    Raises:
        BadInput: with the place of the first fault.
    """
    items = Reader({"scenes": held}, "").items("scenes", MOST_SCENES)
    return tuple(read_scene(one, f"scenes.{no}", known) for no, one in enumerate(items, 1))


def read_settings(held: Any) -> TourSettings:
    """The settings of a tour; what is not given is as usual.

    Raises:
        BadInput: with the place of the first fault.
    """
    given, usual = Reader(held, ""), TourSettings()
    given.refuse_others(_SETTINGS)
    interrupt, shift = given.part("interrupt"), given.part("pixel_shift")
    interrupt.refuse_others(("serious", "late_3", "stays_s", "gap_s"))
    shift.refuse_others(("px", "every_s"))
    return TourSettings(
        schedule=tuple(_read_rule(Reader(one, f"schedule.{no}")) for no, one in enumerate(given.items("schedule", MOST_RULES), 1)),
        interrupt=Interrupts(
            serious=interrupt.truth("serious", usual.interrupt.serious),
            late_3=interrupt.truth("late_3", usual.interrupt.late_3),
            stays_s=interrupt.whole("stays_s", 5, 600, usual.interrupt.stays_s),
            gap_s=interrupt.whole("gap_s", 0, 86_400, usual.interrupt.gap_s),
        ),
        brightness=_read_brightness(given),
        shift_px=shift.whole("px", 0, 20, usual.shift_px),
        shift_every_s=shift.whole("every_s", 10, 3_600, usual.shift_every_s),
        alarm=tuple(_read_address(given, one) for one in given.items("alarm", MOST_NAMES)),
    )


def _read_rule(given: Reader) -> ScheduleRule:
    given.refuse_others(_RULE)
    days = given.word("days", "all")
    if days not in DAYS:
        raise given.fault("days", "it is not known here")
    weekdays = given.items("weekdays", 7)
    if any(isinstance(one, bool) or not isinstance(one, int) or not 1 <= one <= 7 for one in weekdays):
        raise given.fault("weekdays", _FORM)
    playlist = given.word("playlist")
    if not playlist:
        raise given.fault("playlist", _NEEDED)
    first = given.minutes("from")
    if first == 24 * 60:
        raise given.fault("from", _FORM)
    return ScheduleRule(playlist, first, given.minutes("until"), days, tuple(sorted(set(weekdays))))


def _read_brightness(given: Reader) -> tuple[float, ...]:
    found = given.items("brightness", 24)
    if not found:
        return TourSettings().brightness
    if len(found) != 24 or any(isinstance(one, bool) or not isinstance(one, int | float) or not 0.2 <= one <= 1 for one in found):
        raise given.fault("brightness", _FORM)
    return tuple(float(one) for one in found)


def _read_address(given: Reader, one: Any) -> str:
    if not isinstance(one, str) or len(one) > LONGEST_ADDRESS or not is_address(one):
        raise given.fault("alarm", _FORM)
    return one


# ---- Writing it down ----


def settings_told(settings: TourSettings) -> dict[str, Any]:
    """Settings in the form in which people write them, and in which they are stored."""
    return {
        "schedule": [
            {
                **{"playlist": one.playlist, "from": clock(one.first_min), "until": clock(one.last_min), "days": one.days},
                "weekdays": list(one.weekdays),
            }
            for one in settings.schedule
        ],
        "interrupt": asdict(settings.interrupt),
        "brightness": list(settings.brightness),
        "pixel_shift": {"px": settings.shift_px, "every_s": settings.shift_every_s},
        "alarm": list(settings.alarm),
    }


def clock(minutes: int) -> str:
    """Minutes since midnight as ``08:30``."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
