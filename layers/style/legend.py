"""The content of a layer's row in the panel: its switch, its measure, and the meaning of colours and symbols."""

from dataclasses import dataclass, field


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
        note: unit, how many areas, date of the population.
        far_note: what is true only while the map shows things from afar; the page hides it when the reader comes near.
        no_data: what the hatch means; ``None`` if no area is hatched.
        states: (colour, label, count) of deadline states.
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
    note: str = ""
    far_note: str = ""
    no_data: str | None = None
    states: list[tuple[str, str, str]] = field(default_factory=list)
    symbols: list[tuple[str, str]] = field(default_factory=list)
