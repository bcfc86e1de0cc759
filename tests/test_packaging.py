"""What is shipped: the package list is the tree, and the wheel works where nothing else is."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
ROOMS = ("grammar", "dsl", "interpreter", "sip", "engines", "apps", "examples")
EXAMPLES = sorted((ROOT / "examples" / "first-call").glob("*.cfg"))


def packages_in_tree() -> dict[str, str]:
    """Each folder of the rooms that has an __init__.py, by its import name."""
    folders = [file.parent.relative_to(ROOT) for room in ROOMS for file in (ROOT / room).rglob("__init__.py")]
    return {f"relayscript.{'.'.join(folder.parts)}": folder.as_posix() for folder in folders}


def test_the_package_list_is_the_tree() -> None:
    assert sorted(SETUPTOOLS["packages"]) == sorted(["relayscript", *packages_in_tree()])
    assert len(SETUPTOOLS["packages"]) == len(set(SETUPTOOLS["packages"]))


def test_every_package_has_its_folder() -> None:
    assert SETUPTOOLS["package-dir"] == {"relayscript": "src/relayscript", **packages_in_tree()}


def test_no_code_outside_packages() -> None:
    folders = {
        file.parent.relative_to(ROOT).as_posix() for room in ROOMS for file in (ROOT / room).rglob("*.py")
    }
    assert folders == set(packages_in_tree().values())


def test_the_licence_is_there() -> None:
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Installed:
    """The wheel's file names and source, and the programs of an environment that knows the wheel only."""

    files: frozenset[str]
    source: Path
    programs: Path
    folder: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run one of its programs, away from the source tree."""
        return subprocess.run(
            [str(self.programs / command[0]), *command[1:]], cwd=self.folder, capture_output=True, text=True
        )


def run(*command: str | Path) -> None:
    """Run a command that has to succeed; its output is shown if it does not."""
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def shipped(folder: Path) -> Path:
    """A copy of what a wheel is built from, so that nothing is written into the tree."""
    keep = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in (*ROOMS, "src"):
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=keep)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel, built and installed with what it depends on, from the package index of the machine."""
    base = tmp_path_factory.mktemp("wheel")
    source = base / "source"
    source.mkdir()
    wheels = base / "wheels"
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", wheels, shipped(source))
    (wheel,) = wheels.glob("*.whl")
    venv.create(base / "venv", with_pip=True)
    programs = base / "venv" / "bin"
    run(programs / "python", "-m", "pip", "install", "--quiet", wheel)
    names = subprocess.check_output([sys.executable, "-m", "zipfile", "-l", str(wheel)], text=True)
    return Installed(frozenset(line.split()[0] for line in names.splitlines()[1:]), source, programs, base)


def test_the_wheel_holds_every_module_and_example(installed: Installed) -> None:
    for room in ROOMS:
        for file in (installed.source / room).rglob("*"):
            if file.suffix in {".py", ".lark", ".json", ".toml", ".cfg", ".call", ".golden"}:
                assert f"relayscript/{file.relative_to(installed.source).as_posix()}" in installed.files
    assert "relayscript/py.typed" in installed.files


def test_the_wheel_holds_nothing_else(installed: Installed) -> None:
    assert {file.split("/")[0].split("-")[0] for file in installed.files} == {"relayscript"}
    assert not [file for file in installed.files if "/tests/" in file]


def test_the_installed_program_says_its_version(installed: Installed) -> None:
    done = installed.run("relayscript", "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert PROJECT["project"]["version"] in done.stdout


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda script: script.name)
def test_the_installed_program_checks_the_examples(installed: Installed, script: Path) -> None:
    done = installed.run("relayscript", "check", str(script))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_installed_program_plays_the_examples_of_the_wheel(installed: Installed) -> None:
    (folder,) = installed.programs.parent.glob("lib/*/site-packages/relayscript/examples")
    done = installed.run("relayscript", "test", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_is_an_example() -> None:
    assert EXAMPLES
