"""Joins ES modules into one script, so that a page fetches one file and not one for each module.

Each module becomes a function that is called once and returns what it exports. A module comes after all those that it imports. This
understands the forms that our scripts use and ``deno fmt`` writes: ``import { a, b as c } from './x.js';``, ``import * as x from
'./x.js';``, and ``export`` before ``const``, ``class`` or ``function``. Everything else is refused: what a function returns is a copy,
so an exported ``let`` would not change for its importers, and modules that import each other have no order.
"""

import posixpath
import re
from collections.abc import Mapping

_IMPORT = re.compile(r"^import (\{[^}]*\}|\* as \w+) from '(\.[^']+)';$", re.MULTILINE)
_RENAMED = re.compile(r"(\w+) as (\w+)")
_EXPORT = re.compile(r"^export ((?:const|class|(?:async )?function\*?) (\w+))", re.MULTILINE)
_OTHER_FORMS = re.compile(r"^(?:import|export)\b.*|\bimport\(.*|\bimport\.meta\b.*", re.MULTILINE)


def join_modules(entry: str, modules: Mapping[str, str]) -> str:
    """One script that does what a module does, with all that it imports.

    Args:
        entry: path of the module that starts the page.
        modules: the text of every module by its path; imports are relative to it.

    Raises:
        ValueError: a module imports one that does not exist, imports itself through others, or uses a form that is not understood.
    """
    order: list[str] = []
    _add(entry, modules, order, ())
    return "\n".join(_as_function(name, modules[name], order) for name in order)


def _add(name: str, modules: Mapping[str, str], order: list[str], importers: tuple[str, ...]) -> None:
    """Append a module to the order, after those that it imports."""
    if name in importers or name not in modules:
        raise ValueError(f"{' imports '.join((*importers, name))}: {'a circle' if name in importers else 'no such module'}")
    if name in order:
        return
    for _, path in _IMPORT.findall(modules[name]):
        _add(_resolve(name, path), modules, order, (*importers, name))
    order.append(name)


def _resolve(importer: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), path))


def _as_function(name: str, text: str, order: list[str]) -> str:
    exported = [found for _, found in _EXPORT.findall(text)]
    body = _EXPORT.sub(r"\1", _IMPORT.sub(lambda found: _as_constant(found[1], _variable(_resolve(name, found[2]), order)), text))
    if other := _OTHER_FORMS.search(body):
        raise ValueError(f"{name}: {other[0]!r} cannot be joined")
    return f"// {name}\nconst {_variable(name, order)} = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();"


def _as_constant(names: str, module: str) -> str:
    """An import as a constant: ``{ a, b as c }`` or ``* as x``."""
    if names.startswith("*"):
        return f"const {names.removeprefix('* as ')} = {module};"
    members = _RENAMED.sub(r"\1: \2", names)
    return f"const {members} = {module};"


def _variable(name: str, order: list[str]) -> str:
    """The constant that holds what a module exports."""
    return f"$module{order.index(name)}"
