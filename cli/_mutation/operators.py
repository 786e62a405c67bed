"""Small plausible bugs for ``./gridwell test --mutants``: finds their possible places in a file, and makes the file with one of them.

The operators on Python are those of cosmic-ray, without those whose result nobody would write (``a ** b`` for ``a + b``). Half of the
product's rules are in SQL texts, which cosmic-ray does not change, so ``ChangeSql`` makes similar changes there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator

_NEIGHBOURS = (
    "Lt_LtE",
    "LtE_Lt",
    "Gt_GtE",
    "GtE_Gt",
    "Lt_Gt",
    "Gt_Lt",
    "LtE_GtE",
    "GtE_LtE",
    "Eq_NotEq",
    "NotEq_Eq",
    "Is_IsNot",
    "IsNot_Is",
)
_SUMS = ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mod", "Mod_FloorDiv", "BitAnd_BitOr")
_OF_COSMIC_RAY = (
    *(f"core/ReplaceComparisonOperator_{name}" for name in _NEIGHBOURS),
    *(f"core/ReplaceBinaryOperator_{name}" for name in _SUMS),
    *(f"core/{name}" for name in ("ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd", "AddNot")),
    *(f"core/{name}" for name in ("ReplaceUnaryOperator_Delete_Not", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak")),
    *(f"core/{name}" for name in ("ZeroIterationForLoop", "NumberReplacer", "ExceptionReplacer")),
)
_LOOKS_LIKE_SQL = re.compile(r"\b(SELECT|WHERE|FROM|JOIN|CASE|UPDATE|DELETE|INSERT|RETURNS|ORDER BY|GROUP BY)\b")
_SQL_CHANGES: tuple[tuple[str, str], ...] = (
    *((r"(?<= )<(?= )", "<="), (r"(?<= )<=(?= )", "<"), (r"(?<= )>(?= )", ">="), (r"(?<= )>=(?= )", ">")),
    *((r"\bAND\b", "OR"), (r"\bOR\b", "AND"), (r"\bNOT (?!NULL)", ""), (r"\bIS NULL\b", "IS NOT NULL"), (r"\bIS NOT NULL\b", "IS NULL")),
    *((r"(?<= )\+(?= )", "-"), (r"(?<= )-(?= )", "+"), (r"\bmin\(", "max("), (r"\bmax\(", "min("), (r"\bLEFT JOIN\b", "JOIN")),
    *((r"\bUNION ALL\b", "UNION"), (r" DESC\b", ""), (r"\bgreatest\(", "least("), (r"\bleast\(", "greatest(")),
    *((r"(?<![\w.$'%])1(?![\w.'])", "2"), (r"(?<![\w.$'%])0(?![\w.'])", "1"), (r"<@", "@>"), (r"@>", "<@"), (r"\btrue\b", "false")),
)
"""A pattern in an SQL text, and what a tired person could have written instead."""


class ChangeSql(Operator):  # type: ignore[misc]  # cosmic-ray has no types
    """Changes one comparison, connective, sign or limit in a text that holds SQL."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """A pair of line and column for every change; all changes of one text in a fixed order."""
        for start, end, _ in _sql_changes(node):
            yield _position(node, start), _position(node, end)

    def mutate(self, node: Any, index: int) -> Any:
        """Make the change with this number."""
        start, end, better = list(_sql_changes(node))[index]
        node.value = node.value[:start] + better + node.value[end:]
        return node

    @classmethod
    def examples(cls) -> tuple[()]:
        """No examples, because cosmic-ray shows them only to its own users."""
        return ()


def _sql_changes(node: Any) -> Iterator[tuple[int, int, str]]:
    """Start and end of each changed part of a text, and its new text; empty if the node is not SQL."""
    if not isinstance(node, parso.python.tree.String | parso.python.tree.FStringString) or _is_docstring(node):
        return
    if not _LOOKS_LIKE_SQL.search(_whole(node)):
        return
    for pattern, better in _SQL_CHANGES:
        for found in re.finditer(pattern, node.value):
            yield found.start(), found.end(), better


def _is_docstring(node: Any) -> bool:
    return node.parent.type in ("simple_stmt", "file_input") and node.type == "string"


def _whole(node: Any) -> str:
    """The text together with the texts that it is joined to, because a statement often consists of several."""
    outer = node
    while outer.parent is not None and outer.parent.type in ("strings", "fstring", "atom"):
        outer = outer.parent
    return str(outer.get_code())


def _position(node: Any, offset: int) -> tuple[int, int]:
    """Line and column of a position in a text."""
    line, column = node.start_pos
    before = node.value[:offset].split("\n")
    return (line + len(before) - 1, len(before[-1]) + (column if len(before) == 1 else 0))


@dataclass(frozen=True, order=True)
class Mutant:
    """One small bug: the ``occurrence``-th place in a file where an operator can be applied.

    Attributes:
        path: path of the file in the project.
        line: where the change begins; 1 is the first.
    """

    path: str
    line: int
    operator: str
    occurrence: int

    def apply(self, code: str) -> str:
        """The file with this bug."""
        made = mutate_code(code, _operator(self.operator), self.occurrence)
        if made is None:
            raise ValueError(f"{self} changes nothing")
        return str(made)


def _operator(name: str) -> Any:
    return ChangeSql() if name == "ChangeSql" else get_operator(name)()


def find_mutants(root: Path, path: str) -> Iterator[Mutant]:
    """Every bug that can be put into a file."""
    code = (root / path).read_text("utf-8")
    decorators = {number for number, line in enumerate(code.splitlines(), start=1) if line.lstrip().startswith("@")}
    tree = get_ast(code)
    nodes = list(ast_nodes(tree))
    for name in (*_OF_COSMIC_RAY, "ChangeSql"):
        operator = _operator(name)
        positions = (begin for node in nodes for begin, _ in operator.mutation_positions(node))
        for occurrence, (line, _) in enumerate(positions):
            if line not in decorators:  # whether a class has slots does not change behaviour
                yield Mutant(path, line, name, occurrence)
