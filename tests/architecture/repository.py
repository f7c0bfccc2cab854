"""What the repository consists of: its own files, whether or not git is there to list them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("gateway", "spool", "watermark", "admin_ui", "rehearsal")
_NOT_OURS = {".git", ".venv", "__pycache__", ".demo", "build", ".hypothesis"}


@cache
def files() -> tuple[Path, ...]:
    """Every file that is, or is about to be, part of the repository."""
    return tuple(sorted(_listed_by_git() or _walk(ROOT)))


def _listed_by_git() -> list[Path]:
    """Nothing where there is no git, no .git, or git does not trust the folder's owner."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return []
    run = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return [file for name in run.stdout.split("\0") if name and (file := ROOT / name).is_file()]


def _walk(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.name in _NOT_OURS or entry.name.endswith(("_cache", ".egg-info")):
            continue
        if entry.is_dir():
            yield from _walk(entry)
        else:
            yield entry


def name_of(file: Path) -> str:
    """The path inside the repository."""
    return str(file.relative_to(ROOT))


def text_of(file: Path) -> str:
    """The text of a file; empty for what is no text (pictures, fonts)."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def is_python(file: Path) -> bool:
    """By its ending, or by the first line of an executable without one."""
    return file.suffix == ".py" or (not file.suffix and text_of(file).startswith("#!/usr/bin/python3"))


def python_files(*places: str) -> list[Path]:
    """Python files below the places named; without any, all of them."""
    starts = tuple(f"{place}/" for place in places) or ("",)
    return [file for file in files() if is_python(file) and name_of(file).startswith(starts)]


def table_rows(document: str) -> dict[str, list[list[str]]]:
    """The tables of a Markdown file below docs/: section title → rows → cells (header and rule lines left out)."""
    sections: dict[str, list[list[str]]] = {}
    title, past_rule = "", False
    for line in (ROOT / "docs" / document).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            title, past_rule = line.lstrip("# "), False
        elif not line.startswith("|"):
            past_rule = False
        elif set(line) <= set("|-: "):
            past_rule = True
        elif past_rule:
            sections.setdefault(title, []).append([cell.strip() for cell in line.strip("|").split("|")])
    return sections
