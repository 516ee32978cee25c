"""The settings' models in plain words: for findings and for docs/configuration.md."""

import json
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from supportbot.settings import AddrSpec, PolicyId, Section, Settings, TimeOfDay

SECRET = "`env:NAME` or `file:PATH`, naming where it is kept"  # noqa: S105 - a sentence
NOT_SHOWN = "a value written into the file (not shown)"


class SettingDescription(NamedTuple):
    """One setting as docs/configuration.md shows it."""

    key: str  # dotted, "[]" for "each of the list": "mailboxes[].port"
    type: str
    default: str
    description: str


def describe_settings() -> list[SettingDescription]:
    """Every setting with its type, default and meaning, in the order of config.yaml."""
    return list(_describe(Settings, ""))


def settings_page() -> str:
    """docs/configuration.md, generated from the settings themselves."""
    rows = (
        f"| `{setting.key}` | {setting.type} | {setting.default} | {setting.description} |" for setting in describe_settings()
    )
    return _PAGE.format(rows="\n".join(rows))


def section_of(annotation: Any) -> type[Section] | None:
    """The section a setting holds, alone or as a list of them; None for a plain value."""
    inner = annotation
    if get_origin(annotation) in (tuple, Union, types.UnionType):
        inner = next((argument for argument in get_args(annotation) if argument is not types.NoneType), annotation)
    return inner if isinstance(inner, type) and issubclass(inner, Section) else None


def holds(info: FieldInfo, wanted: type) -> bool:
    """Whether a setting holds such a value, optional or not."""
    return info.annotation is wanted or wanted in get_args(info.annotation)


def form_of(metadata: Sequence[Any]) -> tuple[str, str]:
    """What form a text must have, in words, and one that has it."""
    return _FORMS.get(_constraint(metadata, "pattern"), ("text", ""))


def type_in_words(annotation: Any, metadata: Sequence[Any] = ()) -> str:
    """A type as a person would say it: "a whole number from 1 to 65535"."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_in_words(arguments[0], annotation.__metadata__)
    if origin in (Union, types.UnionType):
        return type_in_words(next(argument for argument in arguments if argument is not types.NoneType), metadata)
    if origin is Literal:
        return f"one of {', '.join(f'`{argument}`' for argument in arguments)}"
    if origin is tuple:
        return "a list of sections" if section_of(annotation) else f"a list, each {type_in_words(arguments[0])}"
    if annotation is str:
        return form_of(metadata)[0]
    if annotation in (int, float):
        return _number_in_words("a whole number" if annotation is int else "a number", metadata)
    plain = {bool: "true or false", Path: "a path", SecretStr: SECRET}
    return plain.get(annotation, "a section of `key: value` lines")


def value_in_words(value: Any, *, quote: bool = True) -> str:
    """A value as a finding shows it; `quote=False` where it may hold a secret and only its kind is told."""
    if isinstance(value, dict):
        return "a section of `key: value` lines"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    if not quote:
        return "one plain value"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f'{text[:57]}..."'


def _describe(section: type[Section], prefix: str) -> Iterator[SettingDescription]:
    for name, info in section.model_fields.items():
        inner = section_of(info.annotation)
        several = get_origin(info.annotation) is tuple
        if inner is None or several:
            words = type_in_words(info.annotation, info.metadata)
            yield SettingDescription(prefix + name, words, _default_in_words(info), info.description or "")
        if inner is not None:
            yield from _describe(inner, f"{prefix}{name}{'[]' if several else ''}.")


def _default_in_words(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    if holds(info, SecretStr) or info.default in (None, "", ()):
        return "none"
    default = list(info.default) if isinstance(info.default, tuple) else info.default
    return f"`{default if isinstance(default, str) else json.dumps(default)}`"


def _number_in_words(noun: str, metadata: Sequence[Any]) -> str:
    least, most, above = (_constraint(metadata, name) for name in ("ge", "le", "gt"))
    if least is not None and most is not None:
        return f"{noun} from {least} to {most}"
    if least is not None:
        return f"{noun}, {least} or more"
    return f"{noun} above {above}" if above is not None else noun


def _constraint(metadata: Sequence[Any], name: str) -> Any:
    """A constraint such as `ge` or `pattern` among a field's metadata; None when it has none."""
    for item in metadata:
        value = _constraint(item.metadata, name) if isinstance(item, FieldInfo) else getattr(item, name, None)
        if value is not None:
            return value
    return None


_FORMS: dict[str | None, tuple[str, str]] = {
    _constraint(get_args(AddrSpec)[1:], "pattern"): ("an address such as name@example.com", "nobody@example.invalid"),
    _constraint(get_args(TimeOfDay)[1:], "pattern"): ("a time such as `09:00`, in quotes", "00:00"),
    _constraint(get_args(PolicyId)[1:], "pattern"): ("a name such as `member_club`", "none"),
}

_PAGE = """\
# Configuration

`supportbot --config FILE` reads this file; without the option `config.yaml` in the working folder, and where there is none the
defaults below hold. `supportbot init` writes an annotated one. Relative paths are taken from the folder the file lies in.

A secret is never written into the file, only where it is kept: `env:NAME` is an environment variable, `file:PATH` a file that
holds nothing else. All mistakes are reported at once, each with file, line and key, and the program ends with status 2. An
unknown key is a mistake.

`mailboxes[].port` stands for the `port` of each mailbox. This page is generated from `supportbot/settings.py` (`make docs`).

| setting | type | default | meaning |
|---|---|---|---|
{rows}
"""
