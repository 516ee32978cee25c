"""Template files, and how they become text.

A file is YAML front matter between two lines of `---`, then the body. `<name>.txt` is English; `<name>.<language>.txt` says the
same in another language, states only what differs (`subject`, and its `sample`), and takes everything else from the English
file, so that a translation can never be checked less strictly.

Templates are written by the owner and still get no power: the grammar is cut down to inserting values, a few filters and `if`;
no calls, attributes, loops, arithmetic, includes. So no template can run long or grow large, and none can reach the program.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from jinja2 import StrictUndefined, nodes
from jinja2.environment import Template as Compiled
from jinja2.sandbox import ImmutableSandboxedEnvironment

from supportbot.drafting.lint import MAX_BODY, Text, lint_text
from supportbot.drafting.values import clean_values
from supportbot.errors import Finding, UsageError

AUDIENCES = ("buyer", "seller", "warehouse", "retailer", "billing", "sender")
"""Who a template writes to; `sender` is whoever wrote to us."""


@dataclass(frozen=True, slots=True)
class Template:
    """One mail in one language, as its file says."""

    name: str
    language: str
    audience: str
    subject: str
    body: str
    needs: tuple[str, ...]  # names, or "items.asin"; without one of them no text is written
    may: tuple[str, ...]  # names that may be unknown; the text asks `{% if name %}`
    forbids: tuple[str, ...]
    requires: tuple[str, ...]
    sample: Mapping[str, object]
    file: Path


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's text. With findings it cannot be approved; where a value was missing, subject and body are empty."""

    template: str
    audience: str
    subject: str
    body: str
    language: str
    findings: tuple[str, ...] = ()


class Templates:
    """All templates of a folder, checked."""

    def __init__(self, templates: Sequence[Template], carriers: tuple[str, ...] = ()) -> None:
        self._templates = {(t.name, t.language): t for t in templates}
        self._carriers = carriers
        self._environment = template_environment()
        self._compiled: dict[tuple[str, str], tuple[Compiled, Compiled]] = {}  # with the first mail of each

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all templates, sorted."""
        return tuple(sorted({name for name, _ in self._templates}))

    def languages(self, name: str) -> tuple[str, ...]:
        """The languages a template is written in, English first."""
        return tuple(sorted((language for n, language in self._templates if n == name), key=lambda one: (one != "en", one)))

    def get(self, name: str, language: str = "en") -> Template:
        """The template in that language ("de-AT" takes "de"), else in English. Raises `UsageError` for an unknown name."""
        wanted = (language.casefold(), language.casefold().partition("-")[0], "en")
        for one in wanted:
            if (name, one) in self._templates:
                return self._templates[name, one]
        raise UsageError(f"there is no mail template named '{name}'{did_you_mean(name, self.names)}")

    def render(self, name: str, values: Mapping[str, object], *, language: str = "en", private: Sequence[str] = ()) -> Rendered:
        """The mail's text and every finding on it. `private`: what belongs to another party and may not stand in it.

        `values` are those of NAMES; others are ignored, so that a case can hand over all it knows. A needed value that is
        absent, None or empty gives no text and a finding "missing: <fact>". Raises `UsageError` for an unknown template.
        """
        template = self.get(name, language)
        cleaned, findings = _clean(values, template)
        if findings:
            return Rendered(name, template.audience, "", "", template.language, findings)
        subject, body = (_fill(compiled, cleaned) for compiled in self._ready(template))
        body = _tidy(body)
        text_findings = self.lint(name, subject, body, values, language=template.language, private=private)
        return Rendered(name, template.audience, subject, body, template.language, text_findings)

    def _ready(self, template: Template) -> tuple[Compiled, Compiled]:
        key = (template.name, template.language)
        if key not in self._compiled:
            # Sources come from disk and were checked when loaded; mail only ever arrives in the values.
            made = (self._environment.from_string(template.subject), self._environment.from_string(template.body))
            self._compiled[key] = made
        return self._compiled[key]

    def lint(
        self,
        name: str,
        subject: str,
        body: str,
        values: Mapping[str, object],
        *,
        language: str = "en",
        private: Sequence[str] = (),
    ) -> tuple[str, ...]:
        """The findings on a text written from this template, also after a person edited it; empty when it may be approved."""
        template = self.get(name, language)
        cleaned, _ = _clean(values, template)
        text = Text(subject, body, template.audience, template.language, cleaned, self._carriers, tuple(private))
        return lint_text(text, requires=template.requires, forbids=template.forbids)

    def check_samples(self) -> tuple[Finding, ...]:
        """Renders every template's own sample; a finding for each that could not be approved."""
        found = []
        for template in self._templates.values():
            rendered = self.render(template.name, template.sample, language=template.language)
            found += [
                Finding(template.file, None, "sample", finding, "a sample that renders without findings")
                for finding in rendered.findings
            ]
        return tuple(found)


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """ "; did you mean 'x'?" where a known word is close, else nothing."""
    close = get_close_matches(word, known, n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def _clean(values: Mapping[str, object], template: Template) -> tuple[dict[str, object], tuple[str, ...]]:
    return clean_values(values, needs=template.needs, may=template.may, language=template.language)


def _fill(compiled: Compiled, values: Mapping[str, object]) -> str:
    """The text, cut where it grows past the limit, so that the lint refuses it and no memory is spent on it."""
    chunks: list[str] = []
    size = 0
    for chunk in compiled.generate(values):
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_BODY:
            break
    return "".join(chunks)


# --- the template language -------------------------------------------------------------------------------------------


def _item_line(entry: Mapping[str, str]) -> str:
    title, sku = entry.get("title"), entry.get("sku")
    count = f"{entry['quantity']} x " if "quantity" in entry else ""
    named = f"{title} (SKU {sku})" if title and sku and title != sku else title or f"SKU {sku}"
    return f"- {count}{named}" + (f", ASIN {entry['asin']}" if "asin" in entry else "")


def _item_lines(items: Sequence[Mapping[str, str]]) -> str:
    """`{{ items | item_lines }}`: one line each, "- 2 x Desk lamp (SKU L-100)"."""
    return "\n".join(_item_line(entry) for entry in items if entry.get("title") or entry.get("sku"))


def _bullets(texts: Sequence[str]) -> str:
    """`{{ defects | bullets }}`: one line each, "- The answer is older than the notice."."""
    return "\n".join(f"- {text}" for text in texts)


def _words(texts: Sequence[str]) -> str:
    """`{{ missing | words }}`: "the order id, the ASIN and the quantity"."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))


def _po(order_id: str) -> str:
    """`{{ order_id | po }}`: "PO 40088120", and "PO-40088120" as it is."""
    return order_id if order_id[:2].casefold() == "po" else f"PO {order_id}"


FILTERS = {"item_lines": _item_lines, "bullets": _bullets, "words": _words, "po": _po}
ALLOWED_NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.Filter,
    nodes.Not, nodes.And, nodes.Or, nodes.CondExpr,
)  # fmt: skip


def template_environment() -> ImmutableSandboxedEnvironment:
    """The sandbox that templates run in: strict, plain text, nothing but the filters above."""
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.clear()
    environment.tests.clear()
    environment.filters.clear()
    environment.filters.update(FILTERS)
    return environment


def _tidy(body: str) -> str:
    """No trailing blanks, no more than one empty line in a row, one new line at the end."""
    lines: list[str] = []
    for line in (one.rstrip() for one in body.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n" if lines else ""
