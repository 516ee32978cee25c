"""rules/*.yaml -> policies, message rules and consent grammars; every mistake at once, with file, line and key.

    rules/marketplaces/<id>.yaml   one policy each; `common.yaml` holds the rules that every policy shares
    rules/messages/<kind>.yaml     how one kind of message is known
    rules/consent/<language>.yaml  the closed grammar of a buyer's consent
    rules/sources/<name>.txt       the documents that the rules quote

YAML 1.2, so that `no` stays a word. A rule file is a table and no program: nothing in it is evaluated.
"""

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from supportbot.casework.order import Marketplace
from supportbot.casework.policy import (
    OPERATORS,
    All,
    AnyOf,
    Audience,
    Condition,
    Example,
    Facts,
    FactSpec,
    FactValue,
    Forbidden,
    Not,
    Policy,
    Quote,
    Rule,
    Test,
    Then,
    TicketPlan,
    TimerPlan,
)
from supportbot.casework.situation import FACTS, KINDS
from supportbot.errors import Finding, RulebookError
from supportbot.triage.rules import ConsentGrammar, MessageRule
from supportbot.yamltext import MappingNode, Node, SequenceNode, YamlFault, line_of, read_nodes, values_of

Steps = tuple[str | int, ...]
_Words = TypeVar("_Words", MessageRule, ConsentGrammar)

COMMON = "common"
"""The policy whose rules belong to every other one; alone it serves messages of an unknown marketplace."""

Action = Literal[
    "advise_cancel", "ask_official_request", "tell_self_cancel", "refuse_shipped_return", "refuse", "wait",
    "request_warehouse_cancel", "acknowledge_cancel", "mark_backordered", "ask_retailer", "contact_marketplace",
    "upload_adjustment", "enter_tracking", "tell_new_order", "how_to", "send_rebill_notice", "clarify_acceptance",
    "record_acknowledgement", "close_no_memo", "ask_for_chain", "open_credit_memo", "reject_chain", "hold", "ask_for_facts",
    "answer", "none", "review",
]  # fmt: skip
TicketType = Literal[
    "credit_memo", "rebill_request", "cancel_order", "warehouse_request", "acknowledge_cancel", "backorder",
    "marketplace_contact", "adjustment", "other",
]  # fmt: skip


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class _Timer(_Part):
    name: str
    start: str | None = Field(None, alias="from")
    days: int | str = 0
    hours: int | str = 0
    product_default: bool = False
    business: bool = False


class _Copied(_Part):
    fact: str


class _Ticket(_Part):
    type: TicketType
    status: str = "open"
    fields: dict[str, str | _Copied] = {}


class _Then(_Part):
    action: Action | None = None
    why: str = Field(min_length=1)
    template: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] | None = None
    to: Audience | None = None
    ask: tuple[str, ...] = ()
    tickets: tuple[_Ticket, ...] = ()
    timers: tuple[_Timer, ...] = ()
    metric_effect: Literal["counts", "does_not_count", "unknown", "none"] = "none"
    needs_person: bool = False
    checklist: tuple[str, ...] = ()
    reason: str | None = None
    say: str | None = None


class _Forbidden(_Part):
    template: str | None = None
    action: Action | None = None
    lasting: bool = False


class _Source(_Part):
    file: str = ""
    quote: str = ""
    mark: Literal["", "X", "P"] = ""


class _Examples(_Part):
    yes: dict[str, Any]
    also: tuple[dict[str, Any], ...] = ()
    no: tuple[dict[str, Any], ...] = ()
    unknown: tuple[str, ...] = ()


class _Rule(_Part):
    id: str = Field(min_length=1)
    variant: str = ""
    kinds: tuple[str, ...] = ()
    when: dict[str, Any] = {}
    then: _Then
    forbid: tuple[_Forbidden, ...] = ()
    require: tuple[dict[str, Any], ...] = ()
    specificity: int = 0
    source: _Source
    unknown: Literal["ask_for_facts", "review", "skip"] = "ask_for_facts"
    effective_from: date | None = None
    effective_until: date | None = None
    examples: _Examples


class _Version(_Part):
    version: str
    effective_from: date


class _PolicyFile(_Part):
    policy: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    version: str
    effective_from: date
    earlier: tuple[_Version, ...] = ()
    rules: tuple[_Rule, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything the rule files say, read once and never changed."""

    folder: Path
    policies: tuple[Policy, ...]  # all versions; within a marketplace the newest first
    messages: tuple[MessageRule, ...] = ()
    consent: tuple[ConsentGrammar, ...] = ()
    sha256: str = ""  # over the names and bytes of all rule files
    files: Mapping[str, Path] = field(default_factory=dict)  # policy id -> its file

    def policy_for(self, marketplace: Marketplace | str | None, when: datetime) -> Policy | None:
        """The version in force at `when` (aware); the common rules alone where the marketplace is unknown (None)."""
        wanted = COMMON if marketplace is None else str(marketplace)
        return next((p for p in self.policies if p.id == wanted and p.effective_from <= when.date()), None)


def default_folder(name: str) -> Path:
    """The folder `name` ("rules", "templates") that ships with supportbot: in the package, else in the checkout."""
    package = Path(__file__).parent
    packaged = package / "defaults" / name
    return packaged if packaged.is_dir() else package.parent / name


def marketplaces_in(folder: Path) -> tuple[str, ...]:
    """The marketplaces that a folder of rules speaks of, by the names of its files; nothing is read."""
    return tuple(sorted(path.stem for path in folder.glob("marketplaces/*.yaml") if path.stem != COMMON))


def load_rulebook(folder: Path) -> Rulebook:
    """Read every rule file below `folder`. Raises `RulebookError` with every mistake found in all of them."""
    findings: list[Finding] = []
    paths = (
        sorted(folder.glob("marketplaces/*.yaml")),
        sorted(folder.glob("messages/*.yaml")),
        sorted(folder.glob("consent/*.yaml")),
    )
    if not paths[0]:
        raise RulebookError([Finding(folder, None, "marketplaces", "no policy", "marketplaces/<id>.yaml in this folder")])
    texts = {path: _Text(path) for group in paths for path in group}
    policies = [(path, found) for path in paths[0] if (found := _read_policy(texts[path], findings))]
    messages = [rule for path in paths[1] if (rule := _read_file(MessageRule, texts[path], findings))]
    consent = [grammar for path in paths[2] if (grammar := _read_file(ConsentGrammar, texts[path], findings))]
    if findings:
        raise RulebookError(findings)
    common = next((rules for _, (header, rules) in policies if header.policy == COMMON), ())
    versions = [
        policy
        for _, (header, rules) in policies
        for policy in _versions(header, rules if header.policy == COMMON else rules + common)
    ]
    return Rulebook(
        folder=folder,
        policies=tuple(sorted(versions, key=lambda p: (p.id, -p.effective_from.toordinal()))),
        messages=tuple(messages),
        consent=tuple(consent),
        sha256=_digest(folder, texts),
        files={header.policy: path for path, (header, _) in policies},
    )


def _digest(folder: Path, paths: Sequence[Path] | Mapping[Path, object]) -> str:
    total = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes()
        total.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def _versions(header: _PolicyFile, rules: tuple[Rule, ...]) -> Iterator[Policy]:
    """A file's newest version and those before it: the rules in force when each began."""
    for version in (_Version(version=header.version, effective_from=header.effective_from), *header.earlier):
        start = version.effective_from
        valid = tuple(
            rule
            for rule in rules
            if (rule.effective_from is None or rule.effective_from <= start)
            and (rule.effective_until is None or start < rule.effective_until)
        )
        yield Policy(header.policy, version.version, start, valid, FACTS)


@lru_cache(maxsize=64)
def _composed(text: str) -> tuple[Node | None, Any]:
    """A YAML text as nodes, which know their lines, and as values, which nobody changes; an unchanged text is read once."""
    root = read_nodes(text)
    return root, None if root is None else values_of(root)


class _Text:
    """A YAML file, read once, that can tell on which line a key stands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = ""
        self.data: Any = None
        self._root: Node | None = None

    def load(self, findings: list[Finding]) -> bool:
        """Read the file; False, with a finding, where it is no YAML."""
        try:
            self.text = self.path.read_text(encoding="utf-8")
            self._root, self.data = _composed(self.text)
        except YamlFault as fault:
            found = f"text that is not YAML ({fault.problem})"
            expected = "`key: value` lines; look at the brackets, quotes and indentation here and in the line before"
            findings.append(Finding(self.path, fault.line, "", found, expected))
            return False
        except (UnicodeDecodeError, OSError) as fault:
            found = (fault.strerror if isinstance(fault, OSError) else None) or str(fault)
            findings.append(Finding(self.path, None, "", found, "a readable YAML 1.2 file in UTF-8"))
            return False
        return True

    def line(self, steps: Sequence[str | int]) -> int:
        """The 1-based line of the deepest part of the path that is there."""
        node, line = self._root, 1
        for step in steps:
            if isinstance(node, SequenceNode) and str(step).isdigit() and int(step) < len(node.value):
                node = node.value[int(step)]
                line = line_of(node)
            elif isinstance(node, MappingNode):
                pair = next(((key, value) for key, value in node.value if key.value == str(step)), None)
                if pair is None:
                    break
                line, node = line_of(pair[0]), pair[1]
            else:
                break
        return line

    def finding(self, steps: Sequence[str | int], found: str, expected: str) -> Finding:
        """A mistake at a key of this file."""
        key = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
        return Finding(self.path, self.line(steps), key, found, expected)


def _read_file(model: type[_Words], text: _Text, findings: list[Finding]) -> _Words | None:
    """A message or consent file; its own checks name the key, this adds the line."""
    if not text.load(findings):
        return None
    try:
        made = _made(model, text.path, text.text)
    except RulebookError as fault:
        findings.extend(replace(f, line=f.line or text.line(f.key.split("."))) for f in fault.findings)
        return None
    assert isinstance(made, model)
    return made


@lru_cache(maxsize=64)
def _made(model: type[MessageRule] | type[ConsentGrammar], path: Path, text: str) -> MessageRule | ConsentGrammar:
    return model.from_mapping(path, _composed(text)[1])


def _read_policy(text: _Text, findings: list[Finding]) -> tuple[_PolicyFile, tuple[Rule, ...]] | None:
    if not text.load(findings):
        return None
    try:
        header = _PolicyFile.model_validate(text.data)
    except ValidationError as faults:
        findings.extend(_pydantic_finding(text, fault) for fault in faults.errors())
        return None
    reader = _RuleReader(text, findings)
    rules = tuple(reader.rule(raw, ("rules", number)) for number, raw in enumerate(header.rules))
    seen: set[str] = set()
    for number, rule in enumerate(rules):
        if rule.name in seen:
            findings.append(
                text.finding(("rules", number, "id"), rule.name, "each id once, or a `variant` to tell its cases apart")
            )
        seen.add(rule.name)
    return header, rules


def _pydantic_finding(text: _Text, fault: Any) -> Finding:
    steps = tuple(step for step in fault["loc"] if step != "function-after")
    if fault["type"] == "extra_forbidden":
        names = _keys_at(steps[:-1])
        return text.finding(
            steps, f"the unknown key {steps[-1]!r}", f"one of {', '.join(names)}{_suggestion(str(steps[-1]), names)}"
        )
    if fault["type"] == "literal_error":
        names = re.findall(r"'([^']*)'", fault["ctx"]["expected"])
        return text.finding(steps, repr(fault["input"]), f"one of {', '.join(names)}{_suggestion(str(fault['input']), names)}")
    found = "nothing" if fault["type"] == "missing" else repr(fault["input"])[:80]
    return text.finding(steps, found, fault["msg"])


def _keys_at(steps: Sequence[str | int]) -> list[str]:
    """The keys that a rule file may have at a path."""
    model: type[BaseModel] = _PolicyFile
    inner: dict[str, type[BaseModel]] = {
        "rules": _Rule,
        "earlier": _Version,
        "then": _Then,
        "tickets": _Ticket,
        "timers": _Timer,
        "forbid": _Forbidden,
        "source": _Source,
        "examples": _Examples,
        "fields": _Copied,
    }
    for step in steps:
        model = inner.get(str(step), model)
    return [f.alias or name for name, f in model.model_fields.items()]


def _suggestion(word: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, names, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


class _RuleReader:
    """Turns a rule's text into a `Rule`, checking every fact and value against the vocabulary."""

    def __init__(self, text: _Text, findings: list[Finding]) -> None:
        self.text, self.findings = text, findings

    def rule(self, raw: _Rule, at: Steps) -> Rule:
        parts: list[Condition] = []
        if raw.kinds:
            for kind in raw.kinds:
                self._allowed(kind, KINDS, (*at, "kinds"))
            parts.append(Test("message.kind", "in", raw.kinds))
        if raw.when:
            parts.append(self.condition(raw.when, (*at, "when")))
        examples = self._examples(raw, (*at, "examples"))
        if raw.source.mark != "P" and not raw.source.file:
            self._report((*at, "source"), "no file", "the source document and its words, or `mark: P` for a product default")
        return Rule(
            id=raw.id,
            variant=raw.variant,
            kinds=raw.kinds,
            when=parts[0] if len(parts) == 1 else All(tuple(parts)),
            then=self._then(raw.then, (*at, "then")),
            forbid=tuple(Forbidden(ban.template, ban.action, ban.lasting) for ban in raw.forbid),
            require=tuple(self.condition(part, (*at, "require", n)) for n, part in enumerate(raw.require)),
            specificity=raw.specificity,
            source=Quote(raw.source.file, raw.source.quote, raw.source.mark),
            unknown=raw.unknown,
            effective_from=raw.effective_from,
            effective_until=raw.effective_until,
            examples=examples,
            file=self.text.path.as_posix(),
            line=self.text.line(at),
        )

    def condition(self, raw: object, at: Steps) -> Condition:
        """`{all: [...]}`, `{any: [...]}`, `{not: {...}}` or `{fact: name, <op>: value}`; several ops must all hold."""
        if not isinstance(raw, Mapping):
            return self._broken(at, repr(raw), "{fact: ..., eq: ...} or {all: [...]}, {any: [...]}, {not: {...}}")
        keys = set(raw)
        for word, join in (("all", All), ("any", AnyOf)):
            if keys == {word} and isinstance(raw[word], list) and raw[word]:
                return join(tuple(self.condition(part, (*at, word, n)) for n, part in enumerate(raw[word])))
        if keys == {"not"}:
            return Not((self.condition(raw["not"], (*at, "not")),))
        if "fact" not in keys:
            return self._broken(at, f"the keys {', '.join(map(str, raw))}", "fact and an operator, or one of all, any, not")
        name = raw["fact"]
        self._allowed(name, tuple(FACTS), (*at, "fact"))
        ops = [key for key in raw if key != "fact"]
        if not ops:
            return self._broken(at, f"only the fact {name}", f"an operator: {', '.join(OPERATORS)}")
        tests = tuple(self._test(str(name), str(op), raw[op], (*at, op)) for op in ops)
        return tests[0] if len(tests) == 1 else All(tests)

    def _test(self, name: str, op: str, value: object, at: Steps) -> Test:
        spec = FACTS.get(name)
        self._allowed(op, OPERATORS, at)
        if op == "known" and not isinstance(value, bool):
            self._report(at, repr(value), "true or false")
        elif op == "in":
            if not isinstance(value, list):
                self._report(at, repr(value), "a list")
                return Test(name, op, ())
            return Test(name, op, tuple(self._value(spec, one, at) for one in value))
        elif op in ("gt", "ge", "lt", "le") and spec and spec.type not in ("number", "count", "time"):
            self._report(at, f"{op} with {name}", f"eq, ne, in or known: {name} is a {spec.type}")
        elif op != "known":
            return Test(name, op, self._value(spec, value, at))
        return Test(name, op, value)

    def _value(self, spec: FactSpec | None, value: object, at: Steps) -> FactValue:
        """A value of the fact's type; a wrong one is reported."""
        match spec.type if spec else "text":
            case "flag" if isinstance(value, bool):
                return value
            case "word" if isinstance(value, str) and spec:
                self._allowed(value, spec.values, at)
                return value
            case "text" if isinstance(value, str):
                return value
            case "number" | "count" if isinstance(value, int | float) and not isinstance(value, bool):
                return Decimal(str(value))
            case "texts" if isinstance(value, list):
                return tuple(str(one) for one in value)
            case "time" if isinstance(value, datetime | date):
                day = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)
                return day if day.tzinfo else day.replace(tzinfo=UTC)
        self._report(at, repr(value), f"a {spec.type}" if spec else "text")
        return str(value)

    def _then(self, raw: _Then, at: Steps) -> Then:
        for name in raw.ask:
            self._allowed(name, tuple(FACTS), (*at, "ask"))
        if raw.template and not raw.to:
            self._report((*at, "template"), f"{raw.template} for nobody", f"`to`: one of {', '.join(get_args(Audience))}")
        return Then(
            action=raw.action,
            why=raw.why,
            template=raw.template,
            to=raw.to,
            ask=raw.ask,
            tickets=tuple(self._ticket(ticket, (*at, "tickets", n)) for n, ticket in enumerate(raw.tickets)),
            timers=tuple(self._timer(timer, (*at, "timers", n)) for n, timer in enumerate(raw.timers)),
            metric_effect=raw.metric_effect,
            needs_person=raw.needs_person,
            checklist=raw.checklist,
            reason=raw.reason,
            say=raw.say,
        )

    def _ticket(self, raw: _Ticket, at: Steps) -> TicketPlan:
        copied = {name: value.fact for name, value in raw.fields.items() if isinstance(value, _Copied)}
        for fact in copied.values():
            self._allowed(fact, tuple(FACTS), (*at, "fields"))
        return TicketPlan(raw.type, raw.status, {n: v for n, v in raw.fields.items() if isinstance(v, str)}, copied)

    def _timer(self, raw: _Timer, at: Steps) -> TimerPlan:
        amounts = ("number", "count")
        for key, fact, kinds in (("from", raw.start, ("time",)), ("days", raw.days, amounts), ("hours", raw.hours, amounts)):
            if isinstance(fact, str):
                self._allowed(fact, tuple(name for name, spec in FACTS.items() if spec.type in kinds), (*at, key))
        return TimerPlan(raw.name, raw.start, raw.days, raw.hours, raw.product_default, raw.business)

    def _examples(self, raw: _Rule, at: Steps) -> tuple[Example, ...]:
        """`yes` in full; `also` and `no` change it, `unknown` leaves one fact out."""
        start: dict[str, object] = {"message.kind": raw.kinds[0]} if raw.kinds else {}
        yes = start | raw.examples.yes
        found = [Example("yes", self._facts(yes, (*at, "yes")))]
        found += [Example("yes", self._facts(yes | more, (*at, "also", n))) for n, more in enumerate(raw.examples.also)]
        found += [Example("no", self._facts(yes | other, (*at, "no", n))) for n, other in enumerate(raw.examples.no)]
        for n, left_out in enumerate(raw.examples.unknown):
            self._allowed(left_out, tuple(yes), (*at, "unknown", n))
            found.append(Example("unknown", self._facts(yes | {left_out: None}, (*at, "unknown", n))))
        return tuple(found)

    def _facts(self, raw: Mapping[str, object], at: Steps) -> Facts:
        for name in raw:
            self._allowed(name, tuple(FACTS), (*at, name))
        known = {name: value for name, value in raw.items() if name in FACTS and value is not None}
        return {name: self._value(FACTS[name], value, (*at, name)) for name, value in known.items()}

    def _allowed(self, word: object, names: Sequence[str], at: Steps) -> None:
        if word not in names:
            few = ", ".join(names) if len(names) <= 16 else f"{len(names)} names; see docs/howto/add-a-policy-rule.md"
            self._report(at, f"the unknown word {word!r}", f"one of {few}{_suggestion(str(word), names)}")

    def _broken(self, at: Steps, found: str, expected: str) -> Condition:
        self._report(at, found, expected)
        return All(())

    def _report(self, at: Steps, found: str, expected: str) -> None:
        self.findings.append(self.text.finding(at, found, expected))
