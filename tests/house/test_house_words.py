"""What the console says stands in one catalogue: no page has words beside it, and no language lacks one or keeps a dead one."""

import ast
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from supportbot.web import language, words

WEB = Path(words.__file__).parent
PAGES = sorted((WEB / "pages").glob("*.html"))
SAID_ALOUD = {"title", "aria-label", "placeholder", "alt"}  # attributes
NOT_TEXT = {"kbd", "style", "script", "code"}
NO_WORDS = {"buyer@example.com"}
IN_ENGLISH_ONLY = {"api.html", "api.py", "api_views.py", "api_shapes.py"}  # for programs and who writes them
_LETTERS = re.compile(r"[^\W\d_]")
_SENTENCE = re.compile(r"[A-Z][a-z]+(?![A-Za-z]*_)|[a-z]{2,} [a-z]+|^[a-z]+ [a-z]")
_PLACE = re.compile(r"%\((\w+)\)s")

ENGLISH = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)  # only parses
GETTEXT = {"_", "gettext", "ngettext"}


def test_no_page_has_words_beside_the_catalogue() -> None:
    assert [found for page in PAGES if page.name not in IN_ENGLISH_ONLY for found in bare_words(page)] == []


def test_no_refusal_of_a_page_has_words_beside_the_catalogue() -> None:
    found = []
    for module in sorted(WEB.glob("*.py")):
        if module.name in IN_ENGLISH_ONLY:
            continue
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            said = [keyword.value for keyword in node.keywords if keyword.arg in {"problem", "notice", "sentence", "detail"}]
            said += node.args[1:2] if ast.unparse(node.func) == "HTTPException" else []
            found += [
                f"{module.name}:{node.lineno}: {ast.unparse(one)}"
                for one in said
                if isinstance(one, ast.JoinedStr) or (isinstance(one, ast.Constant) and one.value)
            ]
    assert found == []


@pytest.mark.parametrize("name", sorted(set(language.NAMES) - {"en"}))
def test_a_catalogue_has_every_text_and_no_other(name: str) -> None:
    said, used = language.catalogue(name), texts_of_pages() | texts_of_code()
    assert sorted(used - said.keys()) == []
    assert sorted(said.keys() - used) == []


@pytest.mark.parametrize("name", sorted(set(language.NAMES) - {"en"}))
def test_a_translation_fills_the_same_places_and_breaks_no_attribute(name: str) -> None:
    said = language.catalogue(name)
    assert [text for text, own in said.items() if sorted(_PLACE.findall(text)) != sorted(_PLACE.findall(own))] == []
    assert [own for own in said.values() if not own.strip() or re.search(r'["<>]|&(?!\w+;)', own)] == []


def texts_of_pages() -> set[str]:
    found: set[str] = set()
    for page in PAGES:
        for call in ENGLISH.parse(page.read_text("utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in GETTEXT:
                found |= {argument.value for argument in call.args if isinstance(argument, nodes.Const)}
    return {text for text in found if isinstance(text, str)}


def texts_of_code() -> set[str]:
    found = {text for table in vars(words).values() if isinstance(table, Mapping) for text in _values(table)}
    for module in sorted(WEB.glob("*.py")):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"say", "marked"}:
                said = node.args[0]
                assert isinstance(said, ast.Constant), f"{module.name}:{node.lineno}: a text that no catalogue can know"
                found.add(str(said.value))
    return found


def _values(table: Mapping[object, object]) -> Iterator[str]:
    if table is not vars(words)["__builtins__"]:
        yield from (text for text in table.values() if isinstance(text, str))


def bare_words(page: Path) -> Iterator[str]:
    """Words of a page that no catalogue knows, with the page's name."""
    tree = ENGLISH.parse(page.read_text("utf-8"))
    reader = _Reader()
    reader.feed("".join(node.data if isinstance(node, nodes.TemplateData) else " " for node in _outputs(tree)))
    yield from (f"{page.name}: {found!r}" for found in reader.found)
    yield from (f"{page.name}: {text!r}" for text in _constants(tree) if _SENTENCE.search(text))


def _outputs(tree: nodes.Node) -> Iterator[nodes.Node]:
    for output in tree.find_all(nodes.Output):
        yield from output.nodes


def _constants(node: nodes.Node) -> Iterator[str]:
    """Texts in expressions, but for those that are compared, looked up or handed to something."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Call) and isinstance(child.node, nodes.Name) and child.node.name in GETTEXT:
            yield from (text for keyword in child.kwargs for text in _constants(keyword))
        elif isinstance(child, nodes.Call | nodes.Filter | nodes.Compare | nodes.Extends | nodes.Import):
            inner = child.node if isinstance(child, nodes.Filter) else None
            if inner is not None:
                yield from _constants(inner) if not isinstance(inner, nodes.Const) else [str(inner.value)]
        elif isinstance(child, nodes.Const) and isinstance(child.value, str):
            yield child.value
        else:
            yield from _constants(child)


class _Reader(HTMLParser):
    """Collects what people read or hear of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._inside = [*self._inside[-50:], tag]
        self.found += [
            said for name, said in attributes if name in SAID_ALOUD and said and said not in NO_WORDS and _LETTERS.search(said)
        ]

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            self._inside = self._inside[: len(self._inside) - 1 - self._inside[::-1].index(tag)]

    def handle_data(self, data: str) -> None:
        if not set(self._inside[-1:]) & NOT_TEXT and _LETTERS.search(data):
            self.found.append(data.strip())
