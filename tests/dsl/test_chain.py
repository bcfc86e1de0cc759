"""Findings in included files say by which way the file came in."""

from __future__ import annotations

from pathlib import Path

from relayscript.dsl.catalogue import load
from relayscript.dsl.checker import check
from relayscript.dsl.parser import parse_file


def test_a_finding_in_an_included_file_names_the_files_on_the_way(tmp_path: Path) -> None:
    (tmp_path / "inner.inc").write_text("route {\n\tnowhere();\n}\n")
    (tmp_path / "outer.inc").write_text('# first\ninclude_file "inner.inc"\n')
    main = tmp_path / "main.cfg"
    main.write_text('socket=udp:127.0.0.1:5060\nloadmodule "proto_udp.so"\n\ninclude_file "outer.inc"\n')
    parsed = parse_file(str(main))
    assert parsed.script is not None
    (found,) = parsed.with_chain(check(parsed.script, load()))
    assert found.span is not None
    assert (Path(found.span.file).name, found.span.line) == ("inner.inc", 2)
    assert found.notes == (f"included from {tmp_path}/outer.inc:2", f"included from {main}:4")


def test_findings_in_the_main_file_have_no_chain(tmp_path: Path) -> None:
    main = tmp_path / "main.cfg"
    main.write_text("route {\n\tnowhere();\n}\n")
    parsed = parse_file(str(main))
    assert parsed.script is not None
    found = parsed.with_chain(check(parsed.script, load()))
    assert all("included" not in note for each in found for note in each.notes)


def test_global_parameters_without_effect_get_a_note(tmp_path: Path) -> None:
    main = tmp_path / "main.cfg"
    main.write_text(
        "memlog=1\nlog_level=3\nsocket=udp:127.0.0.1:5060\n"
        'loadmodule "proto_udp.so"\nroute {\n\texit;\n}\n'
    )
    parsed = parse_file(str(main))
    assert parsed.script is not None
    assert check(parsed.script, load()) == ()
    (found,) = check(parsed.script, load(), acting=frozenset({"log_level", "socket"}))
    assert "memlog has no effect" in found.message
