"""From words to a typed tree, by precedence: or, and, not, comparisons, + and -, * and /, the sign."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from data.packs.expressions import checking
from data.packs.expressions.checking import Names
from data.packs.expressions.errors import ExpressionError
from data.packs.expressions.lexer import Token, read_tokens
from data.packs.expressions.tree import ComparisonOperator, Constant, Node, Typed, as_typed, walk
from data.packs.expressions.types import DATE, MONTH, NUMBER, TEXT, YES_NO, Base

DEEPEST = 12
"""Parentheses, functions, signs and ``not`` within each other, and steps from the root of the tree: SQLAlchemy recurses, and has to get
through with room to spare."""

RESERVED = frozenset({"and", "or", "not", "in", "between", "is", "true", "false"})
"""Words that no field can be called."""

_COMPARISONS: dict[str, ComparisonOperator] = {"=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


def parse(text: str, names: Names, *, wants: Base | None = None, aggregate: bool | None = None) -> Typed:
    """Read and check an expression.

    Args:
        names: the fields that it may name, with their types; those of a linked record as ``firm.trade``.
        wants: what it has to give, such as ``Base.YES_NO``; ``None``: anything.
        aggregate: whether it has to be ``count`` or ``sum`` of records, or must not be; ``None``: either.

    Raises:
        ExpressionError: it cannot be used. Nothing else is raised, whatever the text is.
    """
    parser = _Parser(read_tokens(text), names)
    root = parser.read_all()
    for node, depth in walk(root):
        if depth > DEEPEST:
            raise ExpressionError("too_deep", node.at, most=DEEPEST)
    checking.check_result(root, wants, aggregate)
    return as_typed(text, root)


class _Parser:
    """Reads tokens from left to right; each method reads what its name says and makes a node of it."""

    def __init__(self, tokens: list[Token], names: Names) -> None:
        self._tokens, self._names = tokens, names
        self._place = self._depth = 0

    def read_all(self) -> Node:
        node = self._read_or()
        if self._next.kind != "end":
            raise ExpressionError("left_over", self._next.at, found=self._shown(self._next))
        return node

    # ---- Tokens ----

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._next
        self._place += token.kind != "end"
        return token

    def _is_mark(self, *marks: str) -> bool:
        return self._next.kind == "mark" and self._next.text in marks

    def _is_word(self, *words: str) -> bool:
        return self._next.kind == "word" and self._next.text.lower() in words

    def _needs_mark(self, mark: str, wanted: str) -> Token:
        if not self._is_mark(mark):
            raise self._unexpected(wanted)
        return self._take()

    def _needs_word(self, word: str) -> Token:
        if not self._is_word(word):
            raise self._unexpected(word)
        return self._take()

    def _unexpected(self, wanted: str) -> ExpressionError:
        token = self._next
        if token.kind == "end":
            return ExpressionError("ends", token.at, wanted=wanted)
        return ExpressionError("expected", token.at, wanted=wanted, found=self._shown(token))

    @staticmethod
    def _shown(token: Token) -> str:
        return f"'{token.text}'" if token.kind == "text" else token.text

    def _deeper(self, read: Callable[[], Node], at: int) -> Node:
        if self._depth >= DEEPEST:
            raise ExpressionError("too_deep", at, most=DEEPEST)
        self._depth += 1
        node = read()
        self._depth -= 1
        return node

    # ---- Conditions ----

    def _read_or(self) -> Node:
        at, operands = self._next.at, [self._read_and()]
        while self._is_word("or"):
            self._take()
            operands.append(self._read_and())
        return checking.make_logic("or", operands, at)

    def _read_and(self) -> Node:
        at, operands = self._next.at, [self._read_not()]
        while self._is_word("and"):
            self._take()
            operands.append(self._read_not())
        return checking.make_logic("and", operands, at)

    def _read_not(self) -> Node:
        if self._is_word("not"):
            at = self._take().at
            return checking.make_not(self._deeper(self._read_not, at), at)
        return self._read_comparison()

    def _read_comparison(self) -> Node:
        left = self._read_sum()
        if not self._begins_comparison():
            return left
        node = self._read_compared(left)
        if self._begins_comparison():
            raise ExpressionError("chained", self._next.at)
        return node

    def _begins_comparison(self) -> bool:
        return self._is_mark(*_COMPARISONS) or self._is_word("is", "in", "between", "not")

    def _read_compared(self, left: Node) -> Node:
        token = self._take()
        if token.kind == "mark":
            return checking.make_comparison(_COMPARISONS[token.text], left, self._read_sum(), token.at)
        word = token.text.lower()
        if word == "is":
            negated = self._is_word("not")
            if negated:
                self._take()
            self._needs_word("missing")
            return checking.make_missing(left, negated, left.at)
        negated = word == "not"
        if negated:
            if not self._is_word("in", "between"):
                raise self._unexpected("in_or_between")
            word = self._take().text.lower()
        if word == "in":
            self._needs_mark("(", "open")
            return checking.make_within(left, self._read_list(self._read_sum), negated, token.at)
        low = self._read_sum()
        self._needs_word("and")
        return checking.make_between(left, low, self._read_sum(), negated, token.at)

    def _read_list(self, read: Callable[[], Node]) -> list[Node]:
        """Values up to a closing parenthesis, at least one; the opening one is read already."""
        values = [self._deeper(read, self._next.at)]
        while self._is_mark(","):
            self._take()
            values.append(self._deeper(read, self._next.at))
        self._needs_mark(")", "comma_or_close")
        return values

    # ---- Numbers ----

    def _read_sum(self) -> Node:
        node = self._read_product()
        while self._is_mark("+", "-"):
            mark = self._take()
            node = checking.make_sum(node, self._read_product(), mark.text == "-", mark.at)
        return node

    def _read_product(self) -> Node:
        node = self._read_sign()
        while self._is_mark("*", "/"):
            mark = self._take()
            node = checking.make_product(node, self._read_sign(), mark.text == "/", mark.at)
        return node

    def _read_sign(self) -> Node:
        if self._is_mark("-"):
            at = self._take().at
            return checking.make_negative(self._deeper(self._read_sign, at), at)
        return self._read_value()

    # ---- Values ----

    def _read_value(self) -> Node:
        token = self._next
        if token.kind == "number":
            return Constant(NUMBER, self._take().at, Decimal(token.text))
        if token.kind == "text":
            return Constant(TEXT, self._take().at, token.text)
        if self._is_mark("("):
            self._take()
            node = self._deeper(self._read_or, token.at)
            self._needs_mark(")", "close")
            return node
        if token.kind == "word" and token.text.lower() not in RESERVED - {"true", "false"}:
            return self._read_word()
        raise self._unexpected("value")

    def _read_word(self) -> Node:
        word = self._take()
        if word.text.lower() in ("true", "false"):
            return Constant(YES_NO, word.at, word.text.lower() == "true")
        if word.text in ("date", "month") and self._next.kind == "text":
            return self._read_day(word) if word.text == "date" else self._read_month(word)
        if not self._is_mark("("):
            return checking.make_name(word.text, word.at, self._names)
        function = checking.find_function(word.text, word.at)
        self._take()
        if self._is_mark(")"):
            self._take()
            return checking.make_call(function, (), word.at, self._names)
        return checking.make_call(function, self._read_list(self._read_or), word.at, self._names)

    def _read_day(self, word: Token) -> Constant:
        written = self._take().text
        try:
            if _DAY.fullmatch(written):
                return Constant(DATE, word.at, date.fromisoformat(written))
        except ValueError:
            pass
        raise ExpressionError("no_date", word.at, found=written)

    def _read_month(self, word: Token) -> Constant:
        written = self._take().text
        try:
            if _MONTH.fullmatch(written):
                return Constant(MONTH, word.at, date.fromisoformat(f"{written}-01"))
        except ValueError:
            pass
        raise ExpressionError("no_month", word.at, found=written)
