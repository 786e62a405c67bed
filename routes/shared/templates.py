"""HTML from the templates in ``routes/templates``: one Jinja2 environment for every page that is not drawn by Dash.

Every value is escaped where it is printed: autoescape is on for all templates, no template switches it off, and none prints a value with
``|safe`` (held by ``tests/routes/shared/test_templates.py``). A name that a template does not know is an error, never an empty text.

Templates write their sentences with ``t("…")``, which translates into the reader's language.
"""

import re
from functools import lru_cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.environment import TemplateModule
from jinja2.ext import Extension

from data.core.i18n import t
from data.core.settings import ROOT

TEMPLATES = ROOT / "routes" / "templates"
_LAYOUT_SPACE = re.compile(r"(?<=[>}])[ \t]*\n\s*(?=[<{])")


def render(template: str, lang: str, **values: object) -> str:
    """Render a template.

    Args:
        template: its path below ``routes/templates``.
        lang: language of its sentences; the template knows it as ``lang``.
        values: further names that the template knows.

    Raises:
        jinja2.UndefinedError: the template uses a name that it was not given.
    """
    return environment().get_template(template).render(values, lang=lang, t=partial(t, lang))


def make_fragment(template: str, **values: object) -> TemplateModule:
    """A template without sentences, rendered once; other templates can print it often and do not escape it again."""
    return environment().get_template(template).make_module(values)


@lru_cache
def environment() -> Environment:
    """The environment of all templates; each template is compiled once in a process."""
    made = make_environment(TEMPLATES)
    made.filters["local"] = local_address
    return made


def make_environment(folder: Path) -> Environment:
    """An environment with our rules (see above) for the templates in a folder."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=[_WithoutLayoutSpace],
        auto_reload=False,
    )


def local_address(address: str) -> str:
    """An address for ``href`` or ``action`` that stays on this server; anything else becomes the start page."""
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else "/"


class _WithoutLayoutSpace(Extension):
    """Removes line breaks and indentation between tags from a template: they help its reader, but are not part of the page.

    Otherwise each line break would become a space between two elements of one line of text.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _LAYOUT_SPACE.sub("", source)
