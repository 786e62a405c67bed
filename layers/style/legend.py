"""The content of a layer's row in the panel: its switch, its measure, and the meaning of colours and symbols."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class State:
    """A deadline state with its colour (a CSS value), label and count, and whether it is one of those that are filtered."""

    code: str
    colour: str
    label: str
    count: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Legend:
    """One row of the layer panel. All texts are in the reader's language; all colours are CSS values that follow the theme.

    Attributes:
        title: the layer's name on screen.
        layer: name of the layer, one of ``layers.registry.LAYERS``. This, ``on`` and ``opacity`` are filled in by ``layers.build``.
        count: how many objects it shows here, with unit; ``None`` if they are not counted.
        on: whether it is switched on.
        opacity: 0–100.
        choices: (value, label) of the measure or colouring menu; empty if there is nothing to choose.
        chosen: the value chosen among ``choices``.
        methods: (value, label) of the methods for class breaks; empty if they do not apply.
        measure_note: text next to the chosen measure, e.g. the period.
        classes: (colour, label) low to high; the label describes the class.
        breaks: the values between neighbouring classes, ``len(classes) - 1`` of them; empty for categories.
        edges: the same as numbers, for areas.
        ends: words for the first, the middle and the last class, where these are told in words and have an order.
        note: unit, how many areas, date of the population.
        far_note: what is true only while the map shows things from afar; the page hides it when the reader comes near.
        no_data: what the hatch means; ``None`` if no area is hatched.
        states: deadline states, each a filter.
        severities: (severity, label, whether it is filtered); empty where the reader cannot filter by it.
        symbols: (icon name, label) of categories.
    """

    title: str
    layer: str = ""
    count: str | None = None
    on: bool = False
    opacity: int = 100
    choices: list[tuple[str, str]] = field(default_factory=list)
    chosen: str | None = None
    methods: list[tuple[str, str]] = field(default_factory=list)
    measure_note: str = ""
    classes: list[tuple[str, str]] = field(default_factory=list)
    breaks: list[str] = field(default_factory=list)
    edges: list[float] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    note: str = ""
    far_note: str = ""
    no_data: str | None = None
    states: list[State] = field(default_factory=list)
    severities: list[tuple[int, str, bool]] = field(default_factory=list)
    symbols: list[tuple[str, str]] = field(default_factory=list)
