"""config.yaml -> `Settings`: reads it with line numbers and reports every mistake at once.

Values pass four stages: YAML to plain values and their lines (`reading`), secrets and paths resolved, types checked by the
models of `supportbot.settings`, then the checks that look at several settings together (`checks`). A value that fails one stage
is replaced by a stand-in, so that the later stages still see the rest. What a secret setting holds is never part of a finding.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from supportbot.config.checks import DEMO_HOST, SQLITE, database_fault, objections
from supportbot.config.mistakes import Location, Mistakes
from supportbot.config.reading import read_values
from supportbot.config.secrets import read_anew
from supportbot.config.words import (
    NOT_SHOWN,
    SECRET,
    SettingDescription,
    describe_settings,
    form_of,
    holds,
    section_of,
    settings_page,
    type_in_words,
    value_in_words,
)
from supportbot.errors import ConfigError, UsageError
from supportbot.rulebook import default_folder
from supportbot.settings import Section, Settings

__all__ = [
    "DEFAULT_FILE",
    "DEMO_HOST",
    "SettingDescription",
    "describe_settings",
    "load_settings",
    "settings_page",
    "write_example",
]

DEFAULT_FILE = Path("config.yaml")

_DEFAULT_DATABASE = str(Settings.model_fields["database"].default)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def load_settings(path: Path | None) -> Settings:
    """The settings of a config file; without `path` those of ./config.yaml, and where there is none the built-in ones.

    Relative paths in it (and the SQLite file) are taken from the folder it lies in. Raises `ConfigError` with every mistake.
    """
    mistakes = Mistakes(path or DEFAULT_FILE)
    values = {} if path is None and not DEFAULT_FILE.exists() else read_values(mistakes)
    if not isinstance(values, dict):
        mistakes.report((), value_in_words(values, quote=False), "`key: value` lines, one for each setting")
        values = {}
    values.setdefault("database", _DEFAULT_DATABASE)
    files = _resolve(values, mistakes)
    settings = read_anew(_validated(values, mistakes), files)
    for objection in objections(settings):
        mistakes.report(*objection)
    if mistakes.findings:
        raise ConfigError(sorted(mistakes.findings, key=lambda finding: finding.line or 0))
    return settings


def write_example(target: Path) -> list[Path]:
    """An annotated config.yaml, rules/ and templates/ in `target`; what was written.

    Raises `UsageError`, and writes nothing, where one of them is there already.
    """
    names = (DEFAULT_FILE.name, "rules", "templates")
    standing = [name for name in names if (target / name).exists()]
    if standing:
        raise UsageError(f"{target} holds {', '.join(standing)} already; nothing was written: name an empty folder")
    shipped = default_folder("rules").parent
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        source = shipped / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target / name)
    return [target / name for name in names]


# -- secrets and paths


def _resolve(values: dict[str, Any], mistakes: Mistakes) -> dict[Location, Path]:
    """Secrets read from where they are kept, paths made absolute; all in place. The files of secrets, by their setting."""
    folder = mistakes.file.absolute().parent
    files: dict[Location, Path] = {}
    for section, name, place, info in list(_given(Settings, values, ())):
        value = section[name]
        if place == ("database",):
            section[name] = _database(value, folder, mistakes)
        elif holds(info, SecretStr):
            section[name] = _secret(value, place, folder, mistakes)
            if isinstance(value, str) and value.startswith("file:") and section[name]:
                files[place] = folder / Path(value.removeprefix("file:").strip()).expanduser()
        elif holds(info, Path) and isinstance(value, str):
            section[name] = str(folder / Path(value).expanduser())
    return files


def _given(
    section: type[Section], values: dict[str, Any], location: Location
) -> Iterator[tuple[dict[str, Any], str, Location, FieldInfo]]:
    """Every known plain setting that was given: the mapping it stands in, its name, place and field."""
    for name, info in section.model_fields.items():
        if name not in values:
            continue
        value, place, inner = values[name], (*location, name), section_of(info.annotation)
        if inner is None:
            yield values, name, place, info
            continue
        for index, item in enumerate(value) if isinstance(value, list) else ((None, value),):
            if isinstance(item, dict):
                yield from _given(inner, item, place if index is None else (*place, index))


def _secret(value: Any, place: Location, folder: Path, mistakes: Mistakes) -> str:
    """What `env:NAME` or `file:PATH` leads to; "" with a finding where it leads nowhere."""
    scheme, _, where = value.partition(":") if isinstance(value, str) else ("", "", "")
    where = where.strip()
    if scheme == "env" and _VARIABLE.fullmatch(where):
        secret, source = os.environ.get(where, ""), f"the environment variable {where}"
        fault = "is empty" if where in os.environ else "is not set"
    elif scheme == "file" and where:
        file = folder / Path(where).expanduser()
        source = f"the file {file}"
        secret, fault = _file_secret(file)
    else:
        mistakes.report(place, NOT_SHOWN if value is not None else "nothing", SECRET)
        return ""
    if not secret:
        mistakes.report(place, f"{source}, which {fault}", "the secret in it")
    return secret


def _file_secret(file: Path) -> tuple[str, str]:
    """The secret a file holds, and what is wrong when that is ""."""
    try:
        return file.read_text("utf-8").strip(), "is empty"
    except OSError as error:
        return "", f"cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        return "", "is not text in UTF-8"


def _database(value: Any, folder: Path, mistakes: Mistakes) -> str:
    place = ("database",)
    kept_elsewhere = isinstance(value, str) and value.startswith(("env:", "file:"))
    url = _secret(value, place, folder, mistakes) if kept_elsewhere else value
    if mistakes.reported(place):
        return _DEFAULT_DATABASE
    fault = database_fault(url, may_hold_password=kept_elsewhere)
    if fault is not None:
        mistakes.report(place, *fault)
        return _DEFAULT_DATABASE
    return f"{SQLITE}{folder / Path(url.removeprefix(SQLITE)).expanduser()}" if url.startswith(SQLITE) else str(url)


# -- types


def _validated(values: dict[str, Any], mistakes: Mistakes) -> Settings:
    """The models' verdict. Validated as JSON and strictly, so that `"993"` is no number and `yes` no true."""
    first = True
    while True:
        try:
            return Settings.model_validate_json(json.dumps(values), strict=True)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                if first:
                    _report_invalid(detail, mistakes)
                _put_stand_in(values, detail["loc"])
            first = False


def _report_invalid(detail: ErrorDetails, mistakes: Mistakes) -> None:
    location = detail["loc"]
    section, info = _declared(location)
    if info is None and isinstance(location[-1], str):
        near = get_close_matches(location[-1], list(section.model_fields), n=1)
        advice = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(section.model_fields)}"
        mistakes.report(location, "an unknown key", f"a known one; {advice}")
    elif detail["type"] == "missing" and info is not None:
        mistakes.report(location, "nothing", f"{type_in_words(info.annotation, info.metadata)}: {info.description}")
    else:
        annotation, metadata = _expected_at(location)
        plain = section_of(annotation) is None and not (info and holds(info, SecretStr))
        mistakes.report(location, value_in_words(detail["input"], quote=plain), type_in_words(annotation, metadata))


def _declared(location: Location) -> tuple[type[Section], FieldInfo | None]:
    """The section a place lies in, and the field there: None for an unknown setting and for an item of a list."""
    section: type[Section] = Settings
    info: FieldInfo | None = None
    for part in location:
        if isinstance(part, int):
            continue
        if info is not None:
            section = section_of(info.annotation) or section
        info = section.model_fields.get(part)
    return section, None if isinstance(location[-1], int) else info


def _expected_at(location: Location) -> tuple[Any, Sequence[Any]]:
    """What belongs at a place: its type and constraints."""
    if isinstance(location[-1], int):
        annotation, _ = _expected_at(location[:-1])
        return get_args(annotation)[0], ()
    _, info = _declared(location)
    return (info.annotation, info.metadata) if info else (None, ())


def _put_stand_in(values: dict[str, Any], location: Location) -> None:
    """Replace what stands at a place by something valid, or take it away, so that the other settings can be checked."""
    holder: Any = values
    for part in location[:-1]:
        if isinstance(part, str) and part not in holder:
            return  # taken away already, for another mistake in it
        holder = holder[part]
    annotation, metadata = _expected_at(location)
    if isinstance(location[-1], int):
        if section_of(annotation):
            holder[location[-1]] = {}
        else:
            _put_stand_in(values, location[:-1])
        return
    _, info = _declared(location)
    if info is None or not info.is_required():
        holder.pop(location[-1], None)
    elif get_origin(annotation) is Literal:
        holder[location[-1]] = get_args(annotation)[0]
    else:
        holder[location[-1]] = form_of(metadata)[1]
