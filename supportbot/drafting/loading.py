"""Reads template files and finds every mistake in them at once."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import TemplateError as JinjaError
from jinja2 import TemplateSyntaxError, meta, nodes

from supportbot.drafting.lint import FORBIDDABLE, NEEDS_LANGUAGE, REQUIRABLE
from supportbot.drafting.templates import (
    ALLOWED_NODES,
    AUDIENCES,
    FILTERS,
    Template,
    Templates,
    did_you_mean,
    template_environment,
)
from supportbot.drafting.values import BY_NAME, ITEM_KEYS
from supportbot.drafting.vocabulary import WORDS
from supportbot.errors import Finding, TemplateError
from supportbot.yamltext import MappingNode, YamlFault, line_of, read_nodes, values_of

_BASE_KEYS = ("audience", "subject", "needs", "may", "forbids", "requires", "language", "sample")
_VARIANT_KEYS = ("language", "subject", "sample")
_LISTS: Mapping[str, tuple[str, ...]] = {
    "needs": (*BY_NAME, *(f"{list_name}.{key}" for list_name in ("items", "cancelled_items") for key in ITEM_KEYS)),
    "may": tuple(BY_NAME),
    "forbids": tuple(FORBIDDABLE),
    "requires": tuple(REQUIRABLE),
}


def load_templates(folder: Path, *, carriers: Sequence[str] = ()) -> Templates:
    """Reads and checks every `*.txt` of the folder; `carriers` are known beside the built-in ones.

    Raises `TemplateError` with all mistakes of all files, each with file, line and key.
    """
    files = sorted(folder.glob("*.txt"))
    if not files:
        raise TemplateError([Finding(folder, None, "", "no mail templates", "a folder with <name>.txt files")])
    findings: list[Finding] = []
    loaded: dict[tuple[str, str], Template] = {}
    for file in sorted(files, key=lambda one: one.name.count(".")):  # English files before their variants
        name, _, language = file.name.removesuffix(".txt").partition(".")
        reader = _FileReader(file, name, language or "en", loaded.get((name, "en")) if language else None)
        template = reader.read(orphan=bool(language) and (name, "en") not in loaded)
        if template:
            loaded[template.name, template.language] = template
        findings += reader.findings
    if findings:
        raise TemplateError(sorted(findings, key=lambda one: (str(one.file), one.line or 0)))
    return Templates(tuple(loaded.values()), tuple(carriers))


@lru_cache(maxsize=256)
def _keys_of(front: str) -> tuple[Any, Mapping[str, int]]:
    """A front matter, and the line in it of each of its keys; nobody changes them, so an unchanged file is read once."""
    node = read_nodes(front)
    lines = {key.value: line_of(key) for key, _ in node.value} if isinstance(node, MappingNode) else {}
    return None if node is None else values_of(node), lines


class _FileReader:
    """Reads one file and collects what is wrong with it."""

    def __init__(self, file: Path, name: str, language: str, base: Template | None) -> None:
        self.file, self.name, self.language, self.base = file, name, language, base
        self.findings: list[Finding] = []
        self._front: Mapping[str, Any] = {}
        self._lines: Mapping[str, int] = {}
        self._body_line = 1  # where the body begins, 1-based

    def read(self, *, orphan: bool) -> Template | None:
        """The template, or None with findings."""
        body = self._split()
        if body is None:
            return None
        if orphan:
            self._report(None, "", f"no usable English {self.name}.txt", "an English template that this one translates")
            return None
        self._check_keys()
        subject = self._text("subject")
        audience = self.base.audience if self.base else self._text("audience")
        if not self.base and audience not in AUDIENCES:
            self._report(self._line("audience"), "audience", repr(audience), f"one of {', '.join(AUDIENCES)}")
        if self._front.get("language", self.language) != self.language:
            self._report(
                self._line("language"), "language", repr(self._front["language"]), f"'{self.language}', as the file's name says"
            )
        base = self.base
        template = Template(
            name=self.name,
            language=self.language,
            audience=audience,
            subject=subject,
            body=body,
            needs=base.needs if base else self._list("needs"),
            may=base.may if base else self._list("may"),
            forbids=base.forbids if base else self._list("forbids"),
            requires=base.requires if base else self._list("requires"),
            sample=self._sample(),
            file=self.file,
        )
        self._check_variables(template)
        self._check_lints(template)
        return None if self.findings else template

    def _report(self, line: int | None, key: str, found: str, expected: str) -> None:
        self.findings.append(Finding(self.file, line, key, found, expected))

    def _line(self, key: str) -> int | None:
        return self._lines[key] + 1 if key in self._front else None  # after the opening ---

    def _split(self) -> str | None:
        try:
            text = self.file.read_bytes().decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError) as error:
            self._report(None, "", str(error), "a readable UTF-8 text file")
            return None
        opening, front, body = _front_matter(text)
        if not opening:
            self._report(1, "", "no front matter", "the file to begin with ---, YAML, --- and then the mail's text")
            return None
        self._body_line = front.count("\n") + 4  # two lines of --- around it
        if not body.strip():
            self._report(self._body_line, "", "no text", "the mail's text after the second ---")
        try:
            front_keys, self._lines = _keys_of(front)
        except YamlFault as error:
            self._report(error.line and error.line + 1, "", error.problem, "YAML front matter")
            return None
        if not isinstance(front_keys, dict):
            self._report(2, "", "no keys", "YAML front matter with audience, subject, needs and sample")
            return None
        self._front = front_keys
        return body

    def _check_keys(self) -> None:
        known = _VARIANT_KEYS if self.base else _BASE_KEYS
        for key in self._front:
            if key not in known:
                note = "; a translation takes it from the English file" if key in _BASE_KEYS else did_you_mean(str(key), known)
                self._report(self._line(key), str(key), "an unknown key" + note, f"one of {', '.join(known)}")

    def _text(self, key: str) -> str:
        value = self._front.get(key)
        if not isinstance(value, str) or not value.strip():
            self._report(self._line(key), key, "nothing" if value is None else repr(value), "a line of text")
            return ""
        return str(value)

    def _list(self, key: str) -> tuple[str, ...]:
        value = self._front.get(key, [])
        if not isinstance(value, list):
            self._report(self._line(key), key, repr(value), "a list")
            return ()
        for entry in value:
            if entry not in _LISTS[key]:
                note = did_you_mean(str(entry), _LISTS[key])
                self._report(self._line(key), key, f"'{entry}', which is not known{note}", f"names of {', '.join(_LISTS[key])}")
        return tuple(str(entry) for entry in value if entry in _LISTS[key])

    def _sample(self) -> Mapping[str, object]:
        own = self._front.get("sample", {})
        if not isinstance(own, dict):
            self._report(self._line("sample"), "sample", repr(own), "a mapping of names to values")
            own = {}
        for key in own:
            if key not in BY_NAME:
                self._report(
                    self._line("sample"),
                    f"sample.{key}",
                    "an unknown name" + did_you_mean(str(key), tuple(BY_NAME)),
                    "a name of the list",
                )
        sample = {**(self.base.sample if self.base else {}), **own}
        needs = self.base.needs if self.base else self._front.get("needs", ())
        for need in needs if isinstance(needs, list | tuple) else ():
            if (first := str(need).partition(".")[0]) in BY_NAME and first not in sample:
                self._report(self._line("sample"), f"sample.{first}", "nothing", "a value for every needed name")
        return sample

    def _check_variables(self, template: Template) -> None:
        """The template may use the names it says it needs or may use, and no more of the template language than it has."""
        declared = {need.partition(".")[0] for need in (*template.needs, *template.may)}
        for key, source in (("subject", template.subject), ("body", template.body)):
            offset = (self._line("subject") or 1) if key == "subject" else self._body_line
            try:
                tree = template_environment().parse(source)
            except TemplateSyntaxError as error:
                self._report(error.lineno + offset - 1, key, error.message or "a mistake", "a template")
                continue
            except JinjaError as error:
                self._report(offset, key, str(error), "a template")
                continue
            refused = [problem for node in _walk(tree) if (problem := _refused(node))]
            for line, found, expected in refused:
                self._report(line + offset - 1, key, found, expected)
            if refused:
                continue
            for unknown in sorted(meta.find_undeclared_variables(tree) - declared):
                line = next((n.lineno for n in tree.find_all(nodes.Name) if n.name == unknown), 1)
                known = tuple(sorted(declared))
                self._report(
                    line + offset - 1,
                    key,
                    f"the variable '{unknown}'{did_you_mean(unknown, known)}",
                    "a name listed under needs or may",
                )

    def _check_lints(self, template: Template) -> None:
        wordy = [lint for lint in (*template.requires, *template.forbids) if lint in NEEDS_LANGUAGE]
        if wordy and template.language not in WORDS:
            self._report(
                None,
                "language",
                f"'{template.language}'",
                f"one of {', '.join(WORDS)}, since {', '.join(wordy)} must read its words",
            )


def _front_matter(text: str) -> tuple[bool, str, str]:
    """(whether there is front matter, its YAML, the body)."""
    if not text.startswith("---\n"):
        return False, "", ""
    front, closing, body = text[4:].partition("\n---\n")
    return bool(closing), front, body


def _walk(node: nodes.Node) -> list[nodes.Node]:
    return [node, *(one for child in node.iter_child_nodes() for one in _walk(child))]


def _refused(node: nodes.Node) -> tuple[int, str, str] | None:
    """(line, what was found, what is expected) where a node is more than templates may do."""
    if not isinstance(node, ALLOWED_NODES):
        return node.lineno, f"'{type(node).__name__.lower()}'", f"only values, if and the filters {', '.join(FILTERS)}"
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        return node.lineno, f"the filter '{node.name}'{did_you_mean(node.name, tuple(FILTERS))}", f"one of {', '.join(FILTERS)}"
    return None
