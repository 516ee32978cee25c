"""The sample orders and the sample mails, dated around a given moment so that every deadline in them is meaningful."""

import json
import re
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from supportbot.casework.order import Order
from supportbot.clock import SystemClock
from supportbot.demo.inbox import read_letters
from supportbot.demo.letters import AUTHSERV_ID, SampleMail, write
from supportbot.orders import load_orders

SUPPORT = "support@example.com"
BILLING = "billing@billing.test"
WAREHOUSE = "cancellations@bezos-warehouse.test"
RETAILER = "vendor-desk@homefield.test"
AMAZON_RELAYS = ("marketplace.amazon.test", "amazon.test")
"""Who the sample world knows, besides the parties of its orders."""

__all__ = [
    "AUTHSERV_ID",
    "BILLING",
    "SUPPORT",
    "SampleMail",
    "demo_correspondents",
    "order_rows",
    "sample_mails",
    "sample_orders",
]

_AGO = re.compile(r"([+-]\d+)([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def order_rows(now: datetime | None = None) -> list[dict[str, Any]]:
    """The sample orders in the shape of the orders file, with their times counted from `now` (aware; default: this moment)."""
    moment = (now or SystemClock().now()).astimezone(UTC).replace(microsecond=0)
    rows: list[dict[str, Any]] = json.loads(Path(__file__).with_name("orders.json").read_text(encoding="utf-8"))
    return [_dated(row, moment) for row in rows]


def sample_orders(now: datetime | None = None) -> list[Order]:
    """The sample orders, read as any orders file is."""
    with tempfile.TemporaryDirectory() as folder:
        return load_orders(write_sample_orders(Path(folder), now))


def write_sample_orders(folder: Path, now: datetime | None = None) -> Path:
    """Writes them as `orders.json` into a folder, ready for `supportbot orders import`."""
    path = folder / "orders.json"
    path.write_text(json.dumps(order_rows(now), ensure_ascii=False, indent=2), encoding="utf-8")
    return path


def sample_mails(now: datetime | None = None) -> list[SampleMail]:
    """The mails that wait in the sample mailbox, oldest first."""
    moment = (now or SystemClock().now()).replace(microsecond=0)
    return [write(letter, moment) for letter in sorted(read_letters(), key=lambda one: -one.minutes_ago)]


def demo_correspondents() -> dict[str, Any]:
    """The `correspondents` section of the demo's configuration."""
    return {
        "warehouses": [WAREHOUSE],
        "retailers": [RETAILER],
        "billing": BILLING,
        "amazon_relays": list(AMAZON_RELAYS),
    }


def _dated(value: Any, now: datetime) -> Any:
    """The value with every time such as "-3h" or "+2d" put on the calendar."""
    if isinstance(value, dict):
        return {key: _moment(one, now) if key.endswith("_at") else _dated(one, now) for key, one in value.items()}
    return [_dated(one, now) for one in value] if isinstance(value, list) else value


def _moment(value: str, now: datetime) -> str:
    found = _AGO.fullmatch(value)
    if not found:
        raise ValueError(f"{value} is not a time such as -3h")
    return (now + timedelta(**{_UNITS[found[2]]: int(found[1])})).isoformat().replace("+00:00", "Z")
