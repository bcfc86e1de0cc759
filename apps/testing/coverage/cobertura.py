"""Coverage as Cobertura XML (coverage-04.dtd), which continuous-integration servers read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from xml.etree import ElementTree as Xml

from relayscript.apps.testing.coverage.measured import FileCoverage, Outcomes, Ratio
from relayscript.apps.testing.coverage.text import total


def cobertura(files: Iterable[FileCoverage], version: str, timestamp: int) -> str:
    """The whole document; `timestamp` is in milliseconds since the epoch. A folder is a package, a script a class."""
    files = list(files)
    _, lines, branches, _ = total(files)
    root = Xml.Element("coverage", _rates(lines, branches))
    root.attrib |= {
        "lines-covered": str(lines.tried), "lines-valid": str(lines.total), "branches-covered": str(branches.tried),
        "branches-valid": str(branches.total), "complexity": "0", "version": version, "timestamp": str(timestamp),
    }  # fmt: skip
    Xml.SubElement(Xml.SubElement(root, "sources"), "source").text = "."
    packages = Xml.SubElement(root, "packages")
    folders: dict[str, list[FileCoverage]] = {}
    for file in files:
        folders.setdefault(str(PurePath(file.file).parent), []).append(file)
    for folder, inside in folders.items():
        _package(Xml.SubElement(packages, "package"), folder, inside)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, "unicode") + "\n"


def _package(element: Xml.Element, folder: str, files: list[FileCoverage]) -> None:
    _, lines, branches, _ = total(files)
    element.attrib |= {"name": folder, **_rates(lines, branches), "complexity": "0"}
    classes = Xml.SubElement(element, "classes")
    for file in files:
        _class(Xml.SubElement(classes, "class"), file)


def _class(element: Xml.Element, file: FileCoverage) -> None:
    rates = _rates(file.count_lines(), file.count_branches())
    element.attrib |= {"name": PurePath(file.file).name, "filename": file.file, **rates, "complexity": "0"}
    Xml.SubElement(element, "methods")
    lines = Xml.SubElement(element, "lines")
    decisions: dict[int, list[Outcomes]] = {}
    for span, outcomes in file.decisions.items():
        decisions.setdefault(span.line, []).append(outcomes)
    for number, ran in sorted(file.lines.items()):
        line = Xml.SubElement(lines, "line", number=str(number), hits=f"{ran:d}", branch="false")
        if number in decisions:
            _conditions(line, decisions[number])


def _conditions(line: Xml.Element, decisions: list[Outcomes]) -> None:
    """The branches that begin on a line."""
    ratio = Ratio(sum(each.tried for each in decisions), 2 * len(decisions))
    line.attrib |= {"branch": "true", "condition-coverage": f"{int(ratio.percent)}% ({ratio.tried}/{ratio.total})"}
    conditions = Xml.SubElement(line, "conditions")
    for number, each in enumerate(decisions):
        Xml.SubElement(conditions, "condition", number=str(number), type="jump", coverage=f"{50 * each.tried}%")


def _rates(lines: Ratio, branches: Ratio) -> dict[str, str]:
    return {"line-rate": f"{lines.percent / 100:.4g}", "branch-rate": f"{branches.percent / 100:.4g}"}
