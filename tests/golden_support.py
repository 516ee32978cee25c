"""Golden files: what a test renders is compared with tests/golden; `pytest --update-golden` accepts it as it is now."""

from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--update-golden`."""
    parser.addoption("--update-golden", action="store_true", default=False, help="accept the rendered texts as they are now")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden("emails/m_remind.txt", text)`: the text is that of the golden file, byte for byte."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert text == (path.read_bytes().decode() if path.exists() else None), "look at the difference, then --update-golden"

    return check
