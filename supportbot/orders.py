"""The orders file (JSON or CSV) -> orders; every mistake at once, each with its place. What is missing stays unknown."""

import csv
import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo

from supportbot.casework.order import Alert, Buyer, Marketplace, Order, OrderLine, Seller, Shipment
from supportbot.errors import Finding, UsageError

SHIPPED = tuple(Marketplace)
"""The marketplaces whose rules come with supportbot."""
_Noun = TypeVar("_Noun", Order, OrderLine, Shipment, Alert, Buyer, Seller)


class OrdersError(UsageError):
    """The orders file cannot be used."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("\n".join(str(finding) for finding in findings))


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _not_a_number(value: object) -> object:
    """Times are written out; a bare number would be read as seconds since 1970."""
    if isinstance(value, int | float):
        raise ValueError("a time such as 2024-03-01T09:00:00Z")  # noqa: TRY004 (pydantic wants a ValueError)
    return value


def _with_rules(value: Marketplace, info: ValidationInfo) -> Marketplace:
    known = (info.context or {}).get("marketplaces", SHIPPED)
    if value not in known:
        close = difflib.get_close_matches(value, known, n=1)
        raise ValueError(f"a marketplace with rules: {', '.join(known)}{f' (did you mean {close[0]}?)' if close else ''}")
    return value


Time = Annotated[datetime, BeforeValidator(_not_a_number), AfterValidator(_aware)]
Count = Annotated[int, Field(ge=0, strict=False)]
Words = Annotated[str, Field(min_length=1, coerce_numbers_to_str=True)]
Money = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, coerce_numbers_to_str=True)


class _Buyer(_Part):
    name: str | None = None
    address: str | None = None
    relay_address: str | None = None


class _Seller(_Part):
    id: str | None = None
    name: str | None = None
    addresses: tuple[str, ...] = ()
    account: Literal["active", "terminated"] | None = None


class _Line(_Part):
    line: Words
    sku: str | None = None
    asin: str | None = None
    title: str | None = None
    quantity: Count | None = None
    unit_price: Money | None = None
    shipped_quantity: Count | None = None
    cancelled_quantity: Count | None = None
    left_warehouse_quantity: Count | None = None


class _Shipment(_Part):
    carrier: str | None = None
    tracking_number: str | None = None
    shipped_at: Time | None = None
    confirmed: bool | None = None


class _Alert(_Part):
    type: Literal["OCR", "NPB", "NPX", "NSS", "NRS"]
    filed_by: Literal["buyer", "seller"] | None = None
    filed_at: Time | None = None
    buyer_responded: bool | None = None


class _Order(_Part):
    marketplace: Annotated[Marketplace, AfterValidator(_with_rules)]
    order_id: Words
    lines: tuple[_Line, ...]
    channel: Literal["seller", "fba", "mcf"] | None = None
    placed_at: Time | None = None
    status: str | None = None
    previous_status: str | None = None
    payment_verified: bool | None = None
    expected_ship_at: Time | None = None
    label_generated: bool | None = None
    sent_to_warehouse: bool | None = None
    picked_packed: bool | None = None
    despatched: bool | None = None
    buyer_requested_cancel: bool | None = None
    supports_backorder: bool | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    buyer: _Buyer | None = None
    seller: _Seller | None = None
    shipments: tuple[_Shipment, ...] | None = None
    alerts: tuple[_Alert, ...] | None = None
    cancelled_by: Literal["buyer", "seller", "retailer", "marketplace"] | None = None
    cancelled_at: Time | None = None


_MODELS: Mapping[str, type[BaseModel]] = {
    "lines": _Line,
    "shipments": _Shipment,
    "alerts": _Alert,
    "buyer": _Buyer,
    "seller": _Seller,
}
_LISTS = ("lines", "shipments", "alerts")


def load_orders(path: Path, *, marketplaces: Sequence[str] = SHIPPED) -> list[Order]:
    """Read an orders file; `.csv` is CSV, anything else JSON. Raises `OrdersError` with every mistake found.

    `marketplaces`: those that have rules; an order of any other is a mistake.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as fault:
        raise OrdersError((Finding(path, None, "", "no such file", "a JSON or CSV file of orders"),)) from fault
    except (OSError, UnicodeDecodeError) as fault:
        problem = (fault.strerror if isinstance(fault, OSError) else None) or str(fault)
        raise OrdersError((Finding(path, None, "", problem, "a readable file in UTF-8"),)) from fault
    rows = _csv_rows(path, text) if path.suffix.casefold() == ".csv" else _json_rows(path, text)
    findings: list[Finding] = []
    found: list[tuple[_Order, int | None, str]] = []
    for number, (raw, line) in enumerate(rows):
        key = f"[{number}]"
        try:
            found.append((_Order.model_validate(raw, context={"marketplaces": marketplaces}), line, key))
        except ValidationError as faults:
            findings.extend(_finding(path, line, key, fault) for fault in faults.errors())
    findings.extend(_repeated(path, found))
    if findings:
        raise OrdersError(tuple(findings))
    return [_order(model) for model, _, _ in found]


def _json_rows(path: Path, text: str) -> list[tuple[object, int | None]]:
    try:
        data = json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as fault:
        raise OrdersError((Finding(path, fault.lineno, "", fault.msg, "a JSON list of orders"),)) from fault
    if isinstance(data, dict) and isinstance(data.get("orders"), list):
        data = data["orders"]
    if not isinstance(data, list):
        raise OrdersError((Finding(path, 1, "", type(data).__name__, "a JSON list of orders"),))
    return [(raw, None) for raw in data]


def _csv_rows(path: Path, text: str) -> list[tuple[object, int | None]]:
    """One row a line item; rows of one order belong together. An empty cell is unknown. Lists in a cell are parted by `;`."""
    reader = csv.DictReader(StringIO(text), strict=True)
    orders: dict[tuple[str, str], tuple[dict[str, Any], int]] = {}
    findings: list[Finding] = []
    try:
        for row in reader:
            place = reader.line_num
            if None in row or None in row.values():
                findings.append(Finding(path, place, "", "another number of cells than the first row", "one cell a column"))
                continue
            cells = {name.strip(): value.strip() for name, value in row.items() if value.strip()}
            key = (cells.get("marketplace", ""), cells.get("order_id", ""))
            order, first = orders.setdefault(key, ({"lines": []}, place))
            findings.extend(_add_row(path, place, order, _nested(cells), new=first == place))
    except csv.Error as fault:
        findings.append(Finding(path, reader.line_num, "", str(fault), "CSV with one line item a row"))
    if findings:
        raise OrdersError(tuple(findings))
    return list(orders.values())


def _nested(cells: Mapping[str, str]) -> dict[str, Any]:
    """`lines[].sku` -> {"lines": {"sku": ...}}, `buyer.name` -> {"buyer": {"name": ...}}."""
    nested: dict[str, Any] = {}
    for name, value in cells.items():
        part, dot, rest = name.replace("[]", "").partition(".")
        if not dot:
            nested[part] = value
        elif isinstance(nested.setdefault(part, {}), dict):
            nested[part][rest] = [a.strip() for a in value.split(";") if a.strip()] if rest == "addresses" else value
    return nested


def _add_row(path: Path, place: int, order: dict[str, Any], row: dict[str, Any], *, new: bool) -> list[Finding]:
    """Join a row to its order. What is said of the order as a whole must be the same in all its rows."""
    findings = []
    for name, value in row.items():
        if name in _LISTS:
            entries = order.setdefault(name, [])
            if value not in entries or name == "lines":
                entries.append(value)
        elif new:
            order[name] = value
        elif order.get(name) != value:
            expected = f"{order.get(name, 'nothing')!r} as in the first row of this order"
            findings.append(Finding(path, place, name, repr(value), expected))
    return findings


def _finding(path: Path, line: int | None, key: str, fault: Any) -> Finding:
    steps = fault["loc"]
    where = key + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    if fault["type"] == "extra_forbidden":
        model = next((_MODELS[str(step)] for step in reversed(steps[:-1]) if str(step) in _MODELS), _Order)
        close = difflib.get_close_matches(str(steps[-1]), list(model.model_fields), n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        return Finding(path, line, where, f"the unknown field {steps[-1]!r}", f"a field of the orders file{hint}")
    found = "nothing" if fault["type"] == "missing" else repr(fault["input"])[:80]
    return Finding(path, line, where, found, fault["msg"])


def _repeated(path: Path, found: list[tuple[_Order, int | None, str]]) -> list[Finding]:
    """An order twice, or a line number twice in one order: one of them is wrong, and nobody can tell which."""
    findings, seen = [], set()
    for order, line, key in found:
        name = (order.marketplace, order.order_id.casefold())
        if name in seen:
            findings.append(Finding(path, line, f"{key}.order_id", order.order_id, "each order once"))
        seen.add(name)
        lines = [item.line for item in order.lines]
        twice = sorted({number for number in lines if lines.count(number) > 1})
        findings.extend(Finding(path, line, f"{key}.lines", f"line {number} twice", "each line once") for number in twice)
    return findings


def _order(model: _Order) -> Order:
    nouns: dict[str, object] = {
        "lines": tuple(_noun(OrderLine, item) for item in model.lines),
        "shipments": tuple(_noun(Shipment, item) for item in model.shipments or ()),
        "alerts": tuple(_noun(Alert, item) for item in model.alerts or ()),
        "buyer": _noun(Buyer, model.buyer or _Buyer()),
        "seller": _noun(Seller, model.seller or _Seller()),
    }
    return _noun(Order, model, **nouns)


def _noun(kind: type[_Noun], model: BaseModel, **given: object) -> _Noun:
    """The plain noun with the model's values; an empty text is unknown."""
    values: dict[str, Any] = {f.name: getattr(model, f.name) for f in fields(kind) if f.name not in given} | given
    build: Callable[..., _Noun] = kind
    return build(**{name: None if value == "" else value for name, value in values.items()})
