"""The shapes of answers about tours and screens; ``types/wall.d.ts`` says the same for scripts."""

from typing import Any, Literal

from typing_extensions import TypedDict

Illness = Literal["no_map", "stale"]
"""What is wrong with a screen that tells of itself: it cannot draw the map, or its figures are old."""


class CameraTold(TypedDict):
    """Where a scene begins to look from; ``zoom`` null: so that the area fills the picture."""

    zoom: float | None
    pitch: float
    bearing: float
    orbit_deg_per_s: float


class SceneTold(TypedDict):
    """One picture of a tour, with the names and the box of its area."""

    id: int
    name: str
    name_en: str
    playlist: str
    area: str
    area_name: str
    area_name_en: str
    level: str
    zone: str | None
    bbox: list[float] | None
    layers: list[str]
    measure: str
    camera: CameraTold
    dwell_s: int
    panels: list[str]


class CaseTold(TypedDict):
    """The case that interrupts: nothing personal, neither number nor exact place."""

    category: str
    category_name: str
    category_name_en: str
    severity: int
    area: str
    area_name: str
    area_name_en: str
    lon: float
    lat: float


class TurnTold(TypedDict):
    """What breaks into a tour for a while."""

    id: int
    kind: str
    from_ms: int
    until_ms: int
    scene: int | None
    look: dict[str, Any] | None
    case: CaseTold | None


class SegmentTold(TypedDict):
    """From this moment on a playlist is shown."""

    from_ms: int
    playlist: str


class InterruptTold(TypedDict):
    """Which cases break in, for how long, and how much time lies between."""

    serious: bool
    late_3: bool
    stays_s: int
    gap_s: int


class ShiftTold(TypedDict):
    """By how many pixels the picture moves, and how often."""

    px: int
    every_s: int


class ScreenTold(TypedDict):
    """How high the picture of a screen is, from how far it is read, its layout, which of several side by side it is, and whether they show
    one wide picture or a scene each; null: chosen by the screen and its address."""

    title: str
    height_m: float | None
    distance_m: float | None
    layout: str | None
    part: str | None
    scenes: str | None
    watched: bool


class BeatAnswer(TypedDict):
    """What a screen's heartbeat is answered with: ``picture``: somebody wants to see what it shows; ``version``: of its tour;
    ``left_out``: how many scenes of those it told were not kept, because the day has as many as are kept of one."""

    screen: ScreenTold
    picture: bool
    version: str
    left_out: int
    server_time_ms: float


class ScreenRow(TypedDict):
    """A screen in the list: what it told last, whether it is silent, and what is wrong with it where it is not.

    ``wanted``: a picture was asked for and has not come. ``left_out``: scenes of this day (UTC) that were not kept. ``token_ends_at``: when
    the first of the device tokens that its account uses ends.
    """

    id: str
    wall: str
    silent: bool
    ill: Illness | None
    wanted: bool
    left_out: int
    token_ends_at: str | None
    first_at: str
    seen_at: str
    told_at: str | None
    picture_at: str | None
    part: str
    scene: str
    version: str
    data_age_s: float | None
    fps: float | None
    heap_mb: float | None
    size: str
    settings: ScreenTold


class TourTold(TypedDict):
    """A tour as a screen gets it."""

    version: str
    city: str
    wall: str
    made: bool
    timezone: str
    server_time_ms: int
    scenes: list[SceneTold]
    plan: list[SegmentTold]
    epoch_ms: int
    set_ms: int
    turns: list[TurnTold]
    hold: TurnTold | None
    interrupt: InterruptTold
    brightness: list[float]
    pixel_shift: ShiftTold


class TimeTold(TypedDict):
    """The server's clock, in milliseconds since 1970."""

    server_time_ms: float
