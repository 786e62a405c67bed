"""From a typed tree to a column of a statement.

Values are bound, and names are looked up among the columns that the caller gave; no text of an expression gets into the statement. Numbers
are exact (numeric), a missing value is NULL, and conditions have three values, as in SQL.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, assert_never

from sqlalchemy import Boolean, ColumnElement, Date, Numeric, Text, and_, case, cast, func, literal, not_, or_
from sqlalchemy.sql.elements import Grouping

from data.packs.expressions import strict
from data.packs.expressions.checking import whole_of
from data.packs.expressions.functions import FUNCTIONS, Parameter
from data.packs.expressions.given import Given
from data.packs.expressions.tree import (
    Aggregate,
    Between,
    Call,
    Comparison,
    Constant,
    Logic,
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
    Typed,
    Within,
)
from data.packs.expressions.types import Base, ValueType

Column = ColumnElement[Any]
Columns = Mapping[str, Column]

_NOTHING_GIVEN = Given()
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SQL_TYPES: dict[Base, Any] = {Base.TEXT: Text, Base.CODE: Text, Base.YES_NO: Boolean, Base.DATE: Date, Base.MONTH: Date}


@dataclass(frozen=True, slots=True)
class Part:
    """What one record adds to an aggregate, so that sums of sums are sums.

    Attributes:
        adds: a number, never missing; their sum over records is the figure.
        known: 1, or 0 where the condition or number is missing and the record adds nothing for that reason.
    """

    adds: Column
    known: Column


def compile_sql(typed: Typed, columns: Columns, given: Given = _NOTHING_GIVEN) -> Column:
    """The column of an expression; of an aggregate, its figure over the records of the statement.

    Args:
        columns: at least those of ``typed.names``. Numbers are integers or numeric of at most 1,000 digits, not NaN or infinity; a month is
            a date, its first day; dates and moments are of the years 1 to 9999.
        given: what ``typed.functions`` and ``typed.previous`` need.

    Raises:
        KeyError: a column is not given.
        ValueError: the day, or the calendar, is not given, and the expression needs it.
    """
    compiler = _Compiler(columns, given)
    if not isinstance(typed.root, Aggregate):
        return compiler.compile(typed.root)
    if typed.root.operand is None:
        return cast(func.count(), Numeric)
    operand = compiler.compile(typed.root.operand)
    if typed.root.function == "count":
        return cast(func.count().filter(operand), Numeric)
    return func.coalesce(func.sum(operand), strict.number(0), type_=Numeric)


def compile_part(typed: Typed, columns: Columns, given: Given = _NOTHING_GIVEN) -> Part:
    """What a record adds to an aggregate. Arguments and errors are those of ``compile_sql``.

    Raises:
        TypeError: the expression is no aggregate.
    """
    if not isinstance(typed.root, Aggregate):
        raise TypeError("no aggregate")
    one, nothing = strict.number(1), strict.number(0)
    if typed.root.operand is None:
        return Part(one, one)
    operand = _Compiler(columns, given).compile(typed.root.operand)
    known = case((operand.is_(None), nothing), else_=one)
    if typed.root.function == "count":
        return Part(case((operand, one), else_=nothing), known)
    return Part(func.coalesce(operand, nothing, type_=Numeric), known)


@dataclass(frozen=True, slots=True)
class _Compiler:
    """Makes columns of nodes."""

    columns: Columns
    given: Given

    def compile(self, node: Node) -> Column:
        """The column of a node. A condition stands in parentheses of its own: SQL's precedence of NOT is not ours."""
        made = self._make(node)
        return Grouping(made) if node.type.base is Base.YES_NO else made

    def _make(self, node: Node) -> Column:
        match node:
            case Constant(type=type_, value=value):
                return literal(value, Numeric if type_.base is Base.NUMBER else _SQL_TYPES[type_.base])
            case Name(type=type_, name=name):
                return _as_numeric(self.columns[name], type_)
            case Previous(type=type_, name=name, periods=periods):
                return _as_numeric(self.given.previous[name, periods], type_)
            case Not(operand=operand):
                return not_(self.compile(operand))
            case Logic(operator=word, operands=operands):
                return (and_ if word == "and" else or_)(*map(self.compile, operands))
            case Negative(operand=operand):
                return strict.negate(self.compile(operand))
            case Sum(terms=terms):
                return self._add(terms)
            case Product(operator="*", left=left, right=right):
                return self.compile(left) * self.compile(right)
            case Product(left=left, right=right):
                return strict.divide(self.compile(left), self.compile(right))
            case Shift(day=day, days=days, back=back):
                count = self.compile(days)
                return strict.shift(self.compile(day), strict.negate(count) if back else count)
            case Comparison(operator=mark, left=left, right=right):
                compared: Column = _COMPARISONS[mark](self._compared(left, mark, right), self.compile(right))
                return compared
            case Between(value=value, low=low, high=high, negated=negated):
                inside = self._compared(value, "<", low).between(self.compile(low), self.compile(high))
                return not_(inside) if negated else inside
            case Within(value=value, options=options, negated=negated):
                mark = "=" if all(isinstance(option, Constant) for option in options) else "<"
                found = self._compared(value, mark, options[0]).in_([self.compile(option) for option in options])
                return not_(found) if negated else found
            case Missing(value=value, negated=negated):
                made = self.compile(value)
                return made.is_not(None) if negated else made.is_(None)
            case Call():
                return self._call(node)
            case Trend(direction=direction, name=name, periods=periods):
                return self._compare_periods(direction, name, periods)
            case Aggregate():
                raise TypeError("an aggregate inside an expression")
            case _:
                assert_never(node)

    def _compared(self, left: Node, mark: str, right: Node) -> Column:
        """The left side. Texts are compared by their characters, whatever the database's language. Equality of a field with a constant is
        so anyway, and stays as it is, so that an index can serve it."""
        made = self.compile(left)
        if left.type.base not in (Base.TEXT, Base.CODE):
            return made
        plain = mark in ("=", "!=") and isinstance(left, Constant | Name) and isinstance(right, Constant | Name)
        both_fields = isinstance(left, Name) and isinstance(right, Name)
        return made if plain and not both_fields else made.collate("C")

    def _add(self, terms: tuple[tuple[bool, Node], ...]) -> Column:
        """A sum, added by halves: as deep as its number of terms has digits, not as long."""
        parts = [strict.negate(self.compile(term)) if negative else self.compile(term) for negative, term in terms]
        while len(parts) > 1:
            parts = [parts[at] + parts[at + 1] if at + 1 < len(parts) else parts[at] for at in range(0, len(parts), 2)]
        return parts[0]

    def _call(self, call: Call) -> Column:
        function = FUNCTIONS[call.function]
        if function.sql is None:
            raise TypeError(f"{call.function} has a node of its own")
        last = len(function.parameters) - 1
        values = [self._argument(function.parameters[min(place, last)], argument) for place, argument in enumerate(call.arguments)]
        return function.sql(values, call.type.base, self.given)

    def _argument(self, parameter: Parameter, argument: Node) -> Column:
        if parameter.form == "whole":
            return literal(whole_of(argument))
        made = self.compile(argument)
        if parameter.form == "day" and argument.type.base is Base.MOMENT:
            return cast(func.timezone(self.given.timezone, made), Date)
        return made

    def _compare_periods(self, direction: str, name: str, periods: int) -> Column:
        """Each period against the one before it. Missing if a value is missing and no pair went the other way."""
        values = [self.columns[name], *(self.given.previous[name, before] for before in range(1, periods + 1))]
        return and_(*(later < earlier if direction == "falling" else later > earlier for later, earlier in pairwise(values)))


def _as_numeric(column: Column, type_: ValueType) -> Column:
    """A field's column; numbers as numeric, so that no integer overflows."""
    return cast(column, Numeric) if type_.base is Base.NUMBER else column
