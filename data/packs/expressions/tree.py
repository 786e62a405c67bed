"""The typed tree of an expression. Every node knows its type and where it begins in the text."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from data.packs.expressions.types import ValueType

LogicOperator = Literal["and", "or"]
ArithmeticOperator = Literal["-", "*", "/", "+"]
ComparisonOperator = Literal["=", "!=", "<", "<=", ">", ">="]
Direction = Literal["falling", "rising"]


@dataclass(frozen=True, slots=True)
class _Placed:
    """What every node has: the type of its value, and its first character in the text, counted from 1."""

    type: ValueType
    at: int


@dataclass(frozen=True, slots=True)
class Constant(_Placed):
    """A value that is written out. A month is its first day."""

    value: Decimal | str | bool | date


@dataclass(frozen=True, slots=True)
class Name(_Placed):
    """A field of the record, or of a linked one (``firm.trade``)."""

    name: str


@dataclass(frozen=True, slots=True)
class Not(_Placed):
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Logic(_Placed):
    """``and`` or ``or`` between two conditions or more."""

    operator: LogicOperator
    operands: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Negative(_Placed):
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Sum(_Placed):
    """Numbers that are added, or taken away where the first of the pair is true."""

    terms: tuple[tuple[bool, "Node"], ...]


@dataclass(frozen=True, slots=True)
class Product(_Placed):
    """One number times another, or divided by it."""

    operator: Literal["*", "/"]
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Shift(_Placed):
    """A date so many days later, or earlier if ``back``."""

    day: "Node"
    days: "Node"
    back: bool


@dataclass(frozen=True, slots=True)
class Comparison(_Placed):
    operator: ComparisonOperator
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Between(_Placed):
    """Within two bounds, both of which belong to it; or not, if ``negated``."""

    value: "Node"
    low: "Node"
    high: "Node"
    negated: bool


@dataclass(frozen=True, slots=True)
class Within(_Placed):
    """Equal to one of several; or to none of them, if ``negated``."""

    value: "Node"
    options: tuple["Node", ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Missing(_Placed):
    value: "Node"
    negated: bool


@dataclass(frozen=True, slots=True)
class Call(_Placed):
    """A function of ``functions.FUNCTIONS`` with its arguments."""

    function: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Previous(_Placed):
    """A field of the same subject, so many periods before."""

    name: str
    periods: int


@dataclass(frozen=True, slots=True)
class Trend(_Placed):
    """Whether a field went the same way so many times in succession up to now."""

    direction: Direction
    name: str
    periods: int


@dataclass(frozen=True, slots=True)
class Aggregate(_Placed):
    """How many records there are, of how many a condition is true, or the sum of a number; only as the whole expression."""

    function: Literal["count", "sum"]
    operand: "Node | None"


Node = (
    Constant
    | Name
    | Not
    | Logic
    | Negative
    | Sum
    | Product
    | Shift
    | Comparison
    | Between
    | Within
    | Missing
    | Call
    | Previous
    | Trend
    | Aggregate
)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below a node, from left to right."""
    match node:
        case Constant() | Name() | Previous() | Trend():
            return ()
        case Not(operand=one) | Negative(operand=one) | Missing(value=one):
            return (one,)
        case Logic(operands=several) | Call(arguments=several):
            return several
        case Sum(terms=terms):
            return tuple(term for _, term in terms)
        case Product(left=left, right=right) | Comparison(left=left, right=right) | Shift(day=left, days=right):
            return (left, right)
        case Between(value=value, low=low, high=high):
            return (value, low, high)
        case Within(value=value, options=options):
            return (value, *options)
        case Aggregate(operand=operand):
            return () if operand is None else (operand,)


_STEPS = {"least": 2, "greatest": 2, "working_day_after": 3, "working_days_between": 3}
"""Functions whose SQL is deeper than one step."""


def count_steps(node: Node) -> int:
    """How many levels the node itself is, by the depth of its SQL."""
    match node:
        case Shift():
            return 3
        case Call(function=function):
            return _STEPS.get(function, 1)
        case _:
            return 1


def walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Every node with its depth in steps, its own included. Does not recurse: a tree of any depth can be walked."""
    waiting = [(root, 0)]
    while waiting:
        node, above = waiting.pop()
        depth = above + count_steps(node)
        yield node, depth
        waiting.extend((child, depth) for child in children(node))


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression that was read and checked.

    Attributes:
        text: as it was written.
        root: the tree.
        names: the fields that it reads, of the record as it is now.
        previous: the fields that it reads of earlier periods, with how many periods before (1 is the period before).
        functions: the functions that it calls.
    """

    text: str
    root: Node
    names: frozenset[str]
    previous: frozenset[tuple[str, int]]
    functions: frozenset[str]

    @property
    def type(self) -> ValueType:
        """What it gives."""
        return self.root.type

    @property
    def is_aggregate(self) -> bool:
        """Whether it counts or sums records, instead of giving a value for each."""
        return isinstance(self.root, Aggregate)


def as_typed(text: str, root: Node) -> Typed:
    """The tree with what it needs."""
    names: set[str] = set()
    previous: set[tuple[str, int]] = set()
    functions: set[str] = set()
    for node, _ in walk(root):
        match node:
            case Name(name=name):
                names.add(name)
            case Previous(name=name, periods=periods):
                previous.add((name, periods))
                functions.add("previous")
            case Trend(direction=direction, name=name, periods=periods):
                names.add(name)
                previous.update((name, before) for before in range(1, periods + 1))
                functions.add(direction)
            case Call(function=function) | Aggregate(function=function):
                functions.add(function)
            case _:
                pass
    return Typed(text, root, frozenset(names), frozenset(previous), frozenset(functions))
