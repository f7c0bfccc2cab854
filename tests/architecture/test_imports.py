"""Imports point inwards (docs/design.md §3), and what runs inside cupsd stands alone."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.repository import PACKAGES, ROOT, name_of, python_files, text_of


def imported_modules(file: Path) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(ast.parse(text_of(file), str(file))):
        if isinstance(node, ast.Import):
            modules.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            modules.add((node.module or "." * node.level).partition(".")[0])
    return modules


def test_the_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_contracts_speak_of_every_package() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = " | ".join(next(contract for contract in linter["contracts"] if "rehearsal" in contract.get("layers", []))["layers"])
    assert set(linter["root_packages"]) == set(PACKAGES) == set(layers.split(" | "))


def test_backend_programs_need_only_the_standard_library() -> None:
    programs = python_files("cups-backend")
    foreign = {name_of(file): others for file in programs if (others := imported_modules(file) - sys.stdlib_module_names)}
    assert programs
    assert foreign == {}


def test_only_tests_and_the_demo_rehearse() -> None:
    users = [
        name_of(file)
        for file in python_files("gateway", "spool", "watermark", "admin_ui", "cups-backend", "benchmarks")
        if "rehearsal" in imported_modules(file) and not name_of(file).startswith("benchmarks/")
    ]
    assert users == []
