"""The sentences of the product, and the catalogues that translate them.

The command ``./gridwell words`` and the test of the catalogues share these functions. A sentence (a msgid) is found where it is written:

- in Python: ``t(lang, "…")``, an error's ``sentence``, and the values of tables whose names end with one of ``TABLES``,
  the title of a doctor's check (``city_check``), the ``field`` of a ``Count``, and the first three sentences of an ``Indicator``;
- in a Jinja2 template: ``t("…")``.

Catalogues are read with Babel and written as text: Babel's own writer gives each file a new date and new comments each time.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.pofile import normalize, read_po
from jinja2 import Environment, nodes

from data.core.settings import ROOT

ROOMS = ("data", "layers", "reports", "pages", "callbacks", "routes", "cli")
TABLES = ("SENTENCES", "_TITLES", "_LEVELS", "_REASONS", "_OTHERWISE", "_WORDS")
"""Names of tables and constants whose strings are sentences end with one of these."""

_templates = Environment(autoescape=True, extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentences found in the source.

    Attributes:
        said: each sentence and the first file that contains it, relative to the root.
        literals: every text in quotes, for any use. An entry of a catalogue that is not among them is no longer used.
    """

    said: dict[str, Path]
    literals: set[str]


def find_sentences(root: Path = ROOT) -> Sentences:
    """Read every file that may contain sentences."""
    found = Sentences({}, set())
    for path in source_files(root):
        text = path.read_text(encoding="utf-8")
        said, literals = read_template(text) if path.suffix == ".html" else read_python(text)
        found.literals.update(literals)
        for sentence in said:
            found.said.setdefault(sentence, path.relative_to(root))
    return found


def source_files(root: Path) -> list[Path]:
    """Python files and templates, without migrations, which contain no sentences for people."""
    found = [path for room in ROOMS for kind in ("*.py", "*.html") for path in sorted((root / room).rglob(kind))]
    app = root / "app.py"
    return [*([app] if app.exists() else []), *(path for path in found if "migrations" not in path.parts)]


# ---- Python ----


def read_python(text: str) -> tuple[list[str], set[str]]:
    """Sentences of a module, and all its literals."""
    walked = list(ast.walk(ast.parse(text)))
    return [sentence for node in walked for sentence in _said_by(node)], {value for node in walked if (value := _literal(node)) is not None}


def _literal(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _branches(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.IfExp):
        yield from _branches(node.body)
        yield from _branches(node.orelse)
    else:
        yield node


def _said_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t" and len(node.args) > 1:
        yield from filter(None, map(_literal, _branches(node.args[1])))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "city_check" and len(node.args) > 1:
        yield from filter(None, [_literal(node.args[1])])
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Count":
        yield from filter(None, [_literal(one.value) for one in node.keywords if one.arg == "field"])
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Indicator":
        yield from filter(None, map(_literal, node.args[1:4]))
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from _assigned(targets[0], node.value)


def _assigned(target: ast.AST, value: ast.AST) -> Iterator[str]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=False):
            yield from _assigned(one, its)
    elif isinstance(target, ast.Name) and target.id == "sentence":
        yield from (text for text in map(_literal, _branches(value)) if text and "\n" not in text)
    elif isinstance(target, ast.Name) and target.id.endswith(TABLES):
        values = value.values if isinstance(value, ast.Dict) else [value]
        yield from filter(None, map(_literal, values))


# ---- Templates ----


def read_template(text: str) -> tuple[list[str], set[str]]:
    """Sentences of a Jinja2 template, and all its literals."""
    tree = _templates.parse(text)
    calls = [call for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name) and call.node.name == "t" and call.args]
    said = [sentence for call in calls for sentence in _constants(call.args[0])]
    return said, {one.value for one in tree.find_all(nodes.Const) if isinstance(one.value, str)}


def _constants(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.CondExpr):
        yield from _constants(node.expr1)
        if node.expr2 is not None:
            yield from _constants(node.expr2)
    elif isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value


# ---- Catalogues ----


def read_catalogue(path: Path, lang: str) -> dict[str, str]:
    """Read one file: sentence to translation; a missing translation is empty."""
    with path.open("rb") as handle:
        return {str(one.id): str(one.string) for one in read_po(handle, locale=lang) if one.id}


def choose_catalogue(where: Path, said: dict[str, Path], held: dict[str, str]) -> str:
    """Name of the catalogue for a new sentence: the one with most sentences of the same file, or otherwise of the same folder.

    Args:
        where: the file that contains it, relative to the root.
        said: all sentences with their files.
        held: sentences with the name of the catalogue that holds them.
    """
    for around in (where, *where.parents[:-1]):
        near = [sentence for sentence, file in said.items() if file == around or around in file.parents]
        votes = Counter(held[sentence] for sentence in near if sentence in held)
        if votes:
            return min(votes, key=lambda name: (-votes[name], name))
    return where.parts[0].removesuffix(".py")


def add_entries(path: Path, lang: str, entries: dict[str, str]) -> None:
    """Append sentences with their translations to a file, which is created if it is missing."""
    if not path.exists():
        header = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Language: {lang}\\n"\n'
        path.write_text(header, encoding="utf-8")
    with path.open("a", encoding="utf-8") as handle:
        for sentence, translation in entries.items():
            handle.write(f"\nmsgid {normalize(sentence, width=0)}\nmsgstr {normalize(translation, width=0)}\n")


def remove_entries(path: Path, lang: str, sentences: set[str]) -> None:
    """Remove sentences from a file and leave everything else unchanged."""
    with path.open("rb") as handle:
        starts = sorted((one.lineno or 0, str(one.id)) for one in read_po(handle, locale=lang) if one.id)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    ends = [start for start, _ in starts[1:]] + [len(lines) + 1]
    kept = lines[: starts[0][0] - 1] if starts else lines
    for (start, sentence), end in zip(starts, ends, strict=True):
        kept += [] if sentence in sentences else lines[start - 1 : end - 1]
    path.write_text("".join(kept).rstrip("\n") + "\n", encoding="utf-8")
