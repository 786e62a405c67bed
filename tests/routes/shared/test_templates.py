"""Pages from templates: a value can never become markup, every name is known, and every sentence is translated."""

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import hostile_inputs
import pytest
from jinja2 import UndefinedError, nodes

from data.core.settings import ROOT
from routes import doors
from routes.api.docs_page import DocsPage
from routes.doors.page import PageView
from routes.map.document import MapDocument, render_document
from routes.middleware.security_headers import Nonce
from routes.shared.templates import TEMPLATES, environment, local_address, make_environment, render

TEMPLATE_NAMES = environment().list_templates()
TEXTS = [*hostile_inputs.SCRIPTS, *hostile_inputs.REDIRECTS, "a&b", "'", '"', "<", "&lt;", "{{ 7 * 7 }}", "{% raw %}", "\u202e330106\u202c"]
"""Texts that would break out of an element, an attribute, or an address."""


def source(name: str) -> str:
    return (TEMPLATES / name).read_text("utf-8")


def parsed(name: str) -> nodes.Template:
    return environment().parse(source(name))


# ---- A text stays a text ----


class _Reader(HTMLParser):
    """Elements of a page with their attributes, and its texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "text.html").write_text("<p>{{ x }}</p>")
    (tmp_path / "attribute.html").write_text('<p title="{{ x }}" data-x="1">y</p>')
    (tmp_path / "attributes.html").write_text("<p{{ {'title': x, 'id': none}|xmlattr }}>y</p>")
    (tmp_path / "macro.html").write_text(
        "{% macro m(x) %}<b>{{ x }}</b>{{ caller() }}{% endmacro %}{% call m(x) %}<i>{{ x }}</i>{% endcall %}"
    )
    (tmp_path / "block.html").write_text("{% block a %}{{ x }}{% endblock %}<h1>{{ self.a() }}</h1>")
    (tmp_path / "included.html").write_text('{% include "text.html" %}')
    (tmp_path / "kept.txt").write_text("{% set y %}<b>{{ x }}</b>{% endset %}{{ y }}")
    return tmp_path


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_stays_a_text(folder: Path, text: str) -> None:
    made = {path.name: _Reader(make_environment(folder).get_template(path.name).render(x=text)) for path in folder.iterdir()}
    assert made["text.html"].text == made["included.html"].text == text and made["text.html"].elements == [("p", {})]
    assert made["attribute.html"].elements == [("p", {"title": text, "data-x": "1"})]
    assert made["attributes.html"].elements == [("p", {"title": text})]
    assert made["macro.html"].text == text * 2 and [tag for tag, _ in made["macro.html"].elements] == ["b", "i"]
    assert made["block.html"].text == text * 2 and [tag for tag, _ in made["block.html"].elements] == ["h1"]
    assert made["kept.txt"].text == text and [tag for tag, _ in made["kept.txt"].elements] == ["b"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_stays_a_text_on_a_page(text: str) -> None:
    may = dict.fromkeys(("manages", "audits", "imports", "schedules"), True)
    page = SimpleNamespace(theme="auto", person=text, languages=[], is_at=lambda *_: False, **may)
    names = {"page": page, "csrf": lambda: text, "csrf_field": "csrf", "nonce": "", "style_address": "/s.css"}
    view = SimpleNamespace(account=SimpleNamespace(shown=text, name=text, role=text, place=text, figures=text), reason=text)
    read = _Reader(render("accounts/account_beyond.html", "en", view=view, city=None, **names))
    assert {tag for tag, _ in read.elements} <= {
        *("html", "head", "meta", "title", "link", "body", "header", "a", "img", "b", "nav", "div", "span", "main", "h1", "h2"),
        *("section", "dl", "dt", "dd", "p"),
    }
    assert read.text.count(text) >= 6
    assert [given["title"] for tag, given in read.elements if given.get("class") == "avatar"] == [text]
    assert not [given for _, given in read.elements if any(name.startswith("on") for name in given)]


@pytest.mark.parametrize("address", [*hostile_inputs.REDIRECTS, "data:text/html,x", "", "elsewhere", "//x", "/\\x", "\n//x"])
def test_an_address_never_leads_elsewhere(address: str) -> None:
    assert local_address(address) == "/" or re.match(r"/(?![/\\])", local_address(address))


def test_an_address_of_ours_stays_as_it_is() -> None:
    assert [local_address(address) for address in ("/", "/audit?person=1%3Ap1", "/a/b")] == ["/", "/audit?person=1%3Ap1", "/a/b"]


# ---- What templates must not do ----


@pytest.mark.parametrize("name", TEMPLATE_NAMES)
def test_nothing_goes_round_the_escaping(name: str) -> None:
    template = parsed(name)
    assert {one.name for one in template.find_all(nodes.Filter)} & {"safe", "forceescape", "tojson", "urlize"} == set()
    assert list(template.find_all((nodes.EvalContextModifier, nodes.ScopedEvalContextModifier, nodes.MarkSafe))) == []


def test_only_the_maps_document_holds_html_that_is_printed_as_it_is() -> None:
    """Dash writes its parts of that document as HTML; no other Python of ours marks a text as safe."""
    ways = re.compile(r"\bMarkup\b|markupsafe|__html__|\bOwnHtml\b")
    python = [ROOT / "app.py", *(path for room in ("callbacks", "layers", "pages", "routes") for path in (ROOT / room).rglob("*.py"))]
    assert [path.name for path in python if ways.search(path.read_text("utf-8"))] == ["document.py"]


def test_no_text_of_a_request_is_printed_as_it_is() -> None:
    """The document has only one value that comes with a request, and it is escaped."""
    parts = dict.fromkeys(("metas", "css", "config", "scripts"), "<i>")
    made = render_document({"gridwell.nonce": Nonce()}, "en", '"><script>alert(1)</script>', parts)
    assert '<meta name="csrf" content="&#34;&gt;&lt;script&gt;' in made and "alert(1)</script>" not in made
    assert made.count("<i>") == 4, "Dash's own HTML is not escaped"


@pytest.mark.parametrize("name", TEMPLATE_NAMES)
def test_values_stand_in_quotes_and_addresses_are_checked(name: str) -> None:
    text = source(name)
    assert re.findall(r"\s[\w-]+=\s*\{\{", text) == [], "an attribute without quotes ends at a space"
    addresses = re.findall(r'(?:href|src|action|formaction)="(\{\{.*?\}\})', text)
    assert [one for one in addresses if not one.endswith("|local }}")] == []
    assert re.findall(r"\son\w+=|\bstyle=|javascript:", text) == []


@pytest.mark.parametrize("name", TEMPLATE_NAMES)
def test_scripts_and_styles_carry_the_nonce_and_no_value(name: str) -> None:
    for opening, content in re.findall(r"<(?:script|style)([^>]*)>(.*?)</(?:script|style)>", source(name), re.DOTALL):
        ours = re.search(r' src="\{\{[^}]*\|local \}\}"$', opening) and content == ""  # a file of this server, which needs no nonce
        assert ours or (
            re.fullmatch(r'(?: id="[\w.-]+")? nonce="\{\{ nonce \}\}"', opening) and "{{" not in content and "{%" not in content
        )


# ---- Names ----


def test_a_name_that_nobody_gave_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text("{{ missing }}")
    with pytest.raises(UndefinedError, match="missing"):
        make_environment(tmp_path).get_template("x.html").render()


def views() -> Iterator[type[PageView | DocsPage | MapDocument]]:
    """Every kind of page that has a template."""
    yield DocsPage
    yield MapDocument
    for name in ("routes.doors.sending.pages", "routes.report.frame", "routes.wall.frame", "routes.wall.work"):
        importlib.import_module(name)
    for found in pkgutil.iter_modules(doors.__path__):
        importlib.import_module(f"{doors.__name__}.{found.name}")
    waiting = PageView.__subclasses__()
    while waiting:
        view = waiting.pop()
        waiting.extend(view.__subclasses__())
        yield view


def reached(name: str) -> set[str]:
    """A template with those that it extends, includes and imports."""
    found, waiting = set(), [name]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            kinds = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
            waiting.extend(node.template.value for node in parsed(one).find_all(kinds) if isinstance(node.template, nodes.Const))
    return found


@pytest.mark.parametrize("view", sorted(views(), key=lambda view: view.__name__), ids=lambda view: view.__name__)
def test_a_template_asks_its_view_for_what_it_has(view: type[PageView | DocsPage | MapDocument]) -> None:
    has = {field.name for field in dataclasses.fields(view)} | {name for name in dir(view) if not name.startswith("_")}
    asked = {
        node.attr
        for node in parsed(view.template).find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name == "view"
    }
    assert asked <= has


def test_every_template_is_used() -> None:
    used = {name for view in views() for name in reached(view.template)} | {"parts/city.html"}  # rendered once, see routes/doors/page.py
    assert set(TEMPLATE_NAMES) - used == set()


# ---- Words ----

NO_WORDS = {"GET"}
"""What is the same in all languages."""


class _Words(HTMLParser):
    """Words of a template that are not said with ``t``: of its texts, and of the attributes that people read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._code = 0
        self.feed(re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.DOTALL))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag in {"style", "script", "pre", "code"}
        for name, value in attrs:
            if name in {"title", "aria-label", "alt", "placeholder"}:
                self.handle_data(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in {"style", "script", "pre", "code"}

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.found.update(re.findall(r"[^\W\d_]{2,}", data))


@pytest.mark.parametrize("name", TEMPLATE_NAMES)
def test_a_template_has_no_words_of_its_own(name: str) -> None:
    assert _Words(source(name)).found - NO_WORDS == set()


def test_words_of_its_own_would_be_seen() -> None:
    text = '<p class="muted">Hello {{ name }}</p><img alt="Picture" src="/picture"><code>SELECT</code>{{ t("Sign in") }}'
    assert _Words(text).found == {"Hello", "Picture"}


@pytest.mark.parametrize("name", TEMPLATE_NAMES)
def test_a_template_says_sentences_that_can_be_found(name: str) -> None:
    """``t(name)`` could say anything: what is chosen in Python is said there, and handed over as it is shown."""
    for call in parsed(name).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "t":
            assert _is_sentence(call.args[0]), f"{name}:{call.lineno}"


def _is_sentence(node: nodes.Node | None) -> bool:
    if isinstance(node, nodes.CondExpr):
        return _is_sentence(node.expr1) and _is_sentence(node.expr2)
    return isinstance(node, nodes.Const) and isinstance(node.value, str)


# ---- Layout of the source ----


def test_line_breaks_between_tags_are_no_part_of_the_page(tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text("<b>a</b>\n  <i>b</i>\n{% if 1 %}\n  <u>c</u> <u>d\n e</u>\n{% endif %}\n")
    assert make_environment(tmp_path).get_template("x.html").render() == "<b>a</b><i>b</i><u>c</u> <u>d\n e</u>"
