"""What a figure must be read with: the machine, its load, and the versions of what does the work."""

import os
import platform
import re
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import supportbot


def machine_facts() -> dict[str, Any]:
    """The machine and the programs, without names of hosts, people or folders."""
    return {
        "supportbot": supportbot.__version__,
        "processor": _first(Path("/proc/cpuinfo"), r"model name\s*:\s*(.+)") or platform.machine(),
        "cores": os.cpu_count(),
        "memory_megabytes": int(_first(Path("/proc/meminfo"), r"MemTotal:\s*(\d+)") or 0) // 1024,
        "load": os.getloadavg()[0],
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "dovecot": _said("dovecot", "--version"),
    }


def memory_peak_megabytes() -> float:
    """The most memory this process has held. Not from getrusage, which also counts the parent it was forked from."""
    return _peak_megabytes("self")


def children_peak_megabytes() -> float:
    """The same of the processes that this one has started and that live, together."""
    listed = Path("/proc/self/task").glob("*/children")
    return sum(_peak_megabytes(child) for path in listed for child in path.read_text().split())


def _peak_megabytes(process: str) -> float:
    return int(_first(Path(f"/proc/{process}/status"), r"VmHWM:\s*(\d+)") or 0) / 1024


def _first(path: Path, pattern: str) -> str | None:
    try:
        found = re.search(pattern, path.read_text())
    except OSError:
        return None
    return found[1].strip() if found else None


def _said(*command: str) -> str | None:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
