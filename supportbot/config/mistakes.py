"""The mistakes found in one configuration file, each placed where it can be mended."""

from dataclasses import dataclass, field
from pathlib import Path

from supportbot.errors import Finding

Location = tuple[str | int, ...]
"""Where a value stands: ("mailboxes", 0, "port")."""


@dataclass
class Mistakes:
    """Gathers findings about `file`; knows the line of every key read from it."""

    file: Path
    lines: dict[Location, int] = field(default_factory=dict)  # 1-based
    findings: list[Finding] = field(default_factory=list)
    _reported: set[Location] = field(default_factory=set)

    def report(self, location: Location, found: str, expected: str) -> None:
        """Note a mistake; where the place or what holds it has one already, the first counts."""
        if self.reported(location):
            return
        self._reported.add(location)
        self.findings.append(Finding(self.file, self._line(location), dotted(location), found, expected))

    def report_line(self, line: int | None, location: Location, found: str, expected: str) -> None:
        """Note a mistake of a line, not of the value at that place."""
        self.findings.append(Finding(self.file, line, dotted(location), found, expected))

    def reported(self, location: Location) -> bool:
        """Whether this place, or one that holds it, has been reported."""
        return any(location[:length] in self._reported for length in range(len(location) + 1))

    def _line(self, location: Location) -> int | None:
        """The line of the place itself, else of the nearest that holds it."""
        return next((self.lines[location[:n]] for n in range(len(location), 0, -1) if location[:n] in self.lines), None)


def dotted(location: Location) -> str:
    """`mailboxes[0].port`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).removeprefix(".")
