"""Card, account and social security numbers are masked where they are shown; orders, tracking and telephone numbers are not."""

import pytest

from supportbot.mail.redact import redact


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("card 4111 1111 1111 1111 exp 12/27", "card •••• •••• •••• 1111 exp 12/27"),
        ("4111-1111-1111-1111", "••••-••••-••••-1111"),
        ("(5555555555554444)", "(••••••••••••4444)"),
        ("amex 3782 822463 10005.", "amex •••• •••••• •0005."),
        ("6011111111111117, 30569309025904", "••••••••••••1117, ••••••••••5904"),
        ("IBAN DE89 3704 0044 0532 0130 00", "IBAN •••• •••• •••• •••• ••30 00"),
        ("GB29NWBK60161331926819", "••••••••••••••••••6819"),
        ("SSN 078-05-1120", "SSN •••-••-••••"),
    ],
)
def test_what_people_should_not_have_typed_is_masked(written: str, shown: str) -> None:
    assert redact(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "order 112-1234567-1234567",
        "order 402-7421963-1129904",
        "PO-771200",
        "UPS 1Z999AA10123456784",
        "USPS 9400 1112 0255 5842 3339 12",
        "FedEx 123456789012",
        "card 4111 1111 1111 1112",
        "call +49 89 1234 5678 9012",
        "DE89 3704 0044 0532 0130 01",
        "2026-11-27 12:00:00",
        "part 123-45-678",
        "000-12-3456",
    ],
)
def test_other_numbers_are_left_alone(written: str) -> None:
    assert redact(written) == written
