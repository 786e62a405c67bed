"""The types of an expression: each function makes a node of its parts, or says which of them does not fit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from data.core.nearest import find_nearest_word
from data.packs.expressions.errors import ExpressionError
from data.packs.expressions.functions import FUNCTIONS, Function, Parameter
from data.packs.expressions.tree import (
    Aggregate,
    Between,
    Call,
    Comparison,
    ComparisonOperator,
    Constant,
    Logic,
    LogicOperator,
    Missing,
    Name,
    Negative,
    Node,
    Not,
    Previous,
    Product,
    Shift,
    Sum,
    Trend,
    Within,
)
from data.packs.expressions.types import NUMBER, ORDERED, YES_NO, Base, ValueType

Names = Mapping[str, ValueType]
SERIES = "score"
"""The field of ``falling(3)``, where none is named."""


def make_name(name: str, at: int, names: Names) -> Name:
    """A field.

    Raises:
        ExpressionError: there is none of this name.
    """
    if name in names:
        return Name(names[name], at, name)
    if name in FUNCTIONS:
        raise ExpressionError("no_parentheses", at, found=name)
    raise ExpressionError("unknown_name", at, found=name, nearest=find_nearest_word(name, names))


# ---- Conditions ----


def make_not(operand: Node, at: int) -> Not:
    """``not`` before a condition."""
    _need(operand, Base.YES_NO, "not")
    return Not(YES_NO, at, operand)


def make_logic(operator: LogicOperator, operands: Sequence[Node], at: int) -> Node:
    """``and`` or ``or`` between conditions; of a single one, this itself."""
    if len(operands) == 1:
        return operands[0]
    for operand in operands:
        _need(operand, Base.YES_NO, operator)
    return Logic(YES_NO, at, operator, tuple(operands))


def make_comparison(operator: ComparisonOperator, left: Node, right: Node, at: int) -> Comparison:
    """Two values of one kind, compared; the place is that of the operator."""
    left, right = _of_one_kind(left, right, at)
    if operator not in ("=", "!="):
        _need_order(left, at)
    return Comparison(YES_NO, at, operator, left, right)


def make_between(value: Node, low: Node, high: Node, negated: bool, at: int) -> Between:
    """A value and its bounds."""
    value, low = _of_one_kind(value, low, low.at)
    value, high = _of_one_kind(value, high, high.at)
    _need_order(value, at)
    return Between(YES_NO, at, value, low, high, negated)


def make_within(value: Node, options: Sequence[Node], negated: bool, at: int) -> Within:
    """A value and those that it may be."""
    return Within(YES_NO, at, value, tuple(_of_one_kind(value, option, option.at)[1] for option in options), negated)


def make_missing(value: Node, negated: bool, at: int) -> Missing:
    """Whether there is no value; of whatever kind."""
    _refuse_aggregates(value)
    return Missing(YES_NO, at, value, negated)


def _of_one_kind(left: Node, right: Node, at: int) -> tuple[Node, Node]:
    """Two values that can be compared. A text beside a code becomes a code.

    Raises:
        ExpressionError: they cannot.
    """
    _refuse_aggregates(left, right)
    if left.type.base is Base.CODE and right.type.base is Base.TEXT:
        return left, _as_code(right, left.type)
    if left.type.base is Base.TEXT and right.type.base is Base.CODE:
        return _as_code(left, right.type), right
    if left.type.base is not right.type.base:
        for one, other in ((left, right), (right, left)):
            if other.type.base in _WRITTEN and isinstance(one, Constant) and one.type.base is Base.TEXT:
                raise ExpressionError(_WRITTEN[other.type.base], one.at)
        raise ExpressionError("not_comparable", at, left=left.type.base, right=right.type.base)
    if left.type.base is Base.CODE and not set(left.type.codes) & set(right.type.codes):
        raise ExpressionError("other_codes", at)
    return left, right


_WRITTEN = {Base.DATE: "bare_date", Base.MONTH: "bare_month"}
"""Kinds whose constants are often written as bare texts, with the fault that shows how they are written."""


def _as_code(text: Node, code: ValueType) -> Constant:
    if not isinstance(text, Constant):
        raise ExpressionError("code_and_text", text.at)
    if text.value not in code.codes:
        raise ExpressionError("unknown_code", text.at, found=str(text.value), nearest=find_nearest_word(str(text.value), code.codes))
    return replace(text, type=code)


def _need(node: Node, base: Base, operator: str) -> None:
    _refuse_aggregates(node)
    if node.type.base is not base:
        raise ExpressionError("wrong_type", node.at, operator=operator, wanted=frozenset({base}), found=node.type.base)


def _need_order(node: Node, at: int) -> None:
    if node.type.base not in ORDERED:
        raise ExpressionError("no_order", at, found=node.type.base)


def _refuse_aggregates(*nodes: Node) -> None:
    for node in nodes:
        if isinstance(node, Aggregate):
            raise ExpressionError("inner_aggregate", node.at, function=node.function)


# ---- Numbers ----


def make_negative(operand: Node, at: int) -> Negative:
    """A number with the other sign."""
    _need(operand, Base.NUMBER, "-")
    return Negative(NUMBER, at, operand)


def make_sum(left: Node, right: Node, negative: bool, at: int) -> Node:
    """Two numbers added, or the second taken away; or a date, so many days later or earlier."""
    operator = "-" if negative else "+"
    if left.type.base is right.type.base is Base.DATE:
        raise ExpressionError("two_dates", at)
    if left.type.base is Base.DATE:
        _need(right, Base.NUMBER, operator)
        return Shift(left.type, left.at, left, right, negative)
    _need(left, Base.NUMBER, operator)
    _need(right, Base.NUMBER, operator)
    terms = left.terms if isinstance(left, Sum) else ((False, left),)
    return Sum(NUMBER, left.at, (*terms, (negative, right)))


def make_product(left: Node, right: Node, divided: bool, at: int) -> Product:
    """One number times the other, or divided by it."""
    operator: str = "/" if divided else "*"
    _need(left, Base.NUMBER, operator)
    _need(right, Base.NUMBER, operator)
    return Product(NUMBER, left.at, "/" if divided else "*", left, right)


# ---- Functions ----


def find_function(name: str, at: int) -> Function:
    """A function by its name.

    Raises:
        ExpressionError: there is none.
    """
    if name not in FUNCTIONS:
        raise ExpressionError("unknown_function", at, found=name, nearest=find_nearest_word(name, FUNCTIONS))
    return FUNCTIONS[name]


def make_call(function: Function, arguments: Sequence[Node], at: int, names: Names) -> Node:
    """A function with its values."""
    name = function.name
    if name in ("falling", "rising") and len(arguments) == 1:
        if SERIES not in names:
            raise ExpressionError("no_series", at, found=name)
        arguments = (make_name(SERIES, at, names), *arguments)
    if len(arguments) < function.fewest:
        raise ExpressionError("too_few", at, function=name, least=function.fewest, found=len(arguments))
    if len(arguments) > function.most:
        raise ExpressionError("too_many", at, function=name, most=function.most, found=len(arguments))
    for place, argument in enumerate(arguments):
        _check_argument(function, function.parameters[min(place, len(function.parameters) - 1)], place, argument)
    match name, tuple(arguments):
        case ("count" | "sum") as aggregate, operands:
            return Aggregate(NUMBER, at, aggregate, operands[0] if operands else None)
        case "previous", (Name() as field, Constant(value=Decimal() as periods)):
            return Previous(field.type, at, field.name, int(periods))
        case ("falling" | "rising") as direction, (Name() as field, Constant(value=Decimal() as periods)):
            return Trend(YES_NO, at, direction, field.name, int(periods))
    if function.gives is None:
        arguments = _unify(name, arguments)
    return Call(arguments[0].type if function.gives is None else ValueType(function.gives), at, name, tuple(arguments))


def _check_argument(function: Function, parameter: Parameter, place: int, argument: Node) -> None:
    facts = {"function": function.name, "place": place + 1}
    _refuse_aggregates(argument)
    if parameter.form == "whole":
        if not _is_whole(argument, parameter):
            raise ExpressionError("no_whole", argument.at, least=parameter.least, most=parameter.most, **facts)
        return
    if parameter.form == "field" and not isinstance(argument, Name):
        raise ExpressionError("no_field", argument.at, **facts)
    if argument.type.base not in parameter.accepts:
        raise ExpressionError("wrong_argument", argument.at, wanted=parameter.accepts, found=argument.type.base, **facts)


def _is_whole(argument: Node, parameter: Parameter) -> bool:
    value = whole_of(argument)
    return value is not None and parameter.least <= value <= parameter.most


def whole_of(node: Node) -> int | None:
    """The whole number that is written out, or ``None``."""
    if isinstance(node, Negative):
        inner = whole_of(node.operand)
        return None if inner is None else -inner
    if isinstance(node, Constant) and isinstance(node.value, Decimal) and node.value == node.value.to_integral_value():
        return int(node.value)
    return None


def _unify(function: str, arguments: Sequence[Node]) -> tuple[Node, ...]:
    """Values of one kind; texts among codes become codes, and the first has the codes of all."""
    codes = next((argument.type for argument in arguments if argument.type.base is Base.CODE), None)
    if codes:
        every = tuple(dict.fromkeys(code for argument in arguments for code in argument.type.codes))
        codes = ValueType(Base.CODE, every)
        arguments = tuple(_as_code(one, codes) if one.type.base is Base.TEXT else one for one in arguments)
    first = arguments[0]
    for other in arguments[1:]:
        if other.type.base is not first.type.base:
            raise ExpressionError("different_arguments", other.at, function=function, left=first.type.base, right=other.type.base)
    return (replace(first, type=codes), *arguments[1:]) if codes else tuple(arguments)


def check_result(root: Node, wants: Base | None, aggregate: bool | None) -> None:
    """See ``parse``.

    Raises:
        ExpressionError: the expression gives something else.
    """
    if aggregate is True and not isinstance(root, Aggregate):
        raise ExpressionError("no_aggregate", root.at)
    if aggregate is False and isinstance(root, Aggregate):
        raise ExpressionError("an_aggregate", root.at, function=root.function)
    if wants is not None and root.type.base is not wants:
        raise ExpressionError("other_result", root.at, wanted=frozenset({wants}), found=root.type.base)
