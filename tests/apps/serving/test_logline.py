"""The shape of a log line (language.md section 8)."""

from __future__ import annotations

import io
import json
import os
import re

import pytest

from relayscript.apps.serving.logline import LogWriter


@pytest.mark.parametrize(
    ("level", "word"),
    [(-3, "ALERT"), (-2, "CRITICAL"), (-1, "ERROR"), (1, "WARNING"), (2, "NOTICE"), (3, "INFO"), (4, "DBG")],
)
def test_level_words(level: int, word: str) -> None:
    stream = io.BytesIO()
    LogWriter(stream).write(level, "text\n")
    assert re.fullmatch(
        rf"[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d \[{os.getpid()}\] {word}:text\n", stream.getvalue().decode()
    )


def test_prefix_missing_line_end_and_byte_text() -> None:
    stream = io.BytesIO()
    LogWriter(stream, "edge").write(3, "caf\xe9")
    assert stream.getvalue().endswith(b"] edge:INFO:caf\xe9\n")


def test_a_closed_stream_does_not_stop_the_server() -> None:
    stream = io.BytesIO()
    writer = LogWriter(stream)
    stream.close()
    writer.write(3, "nobody hears this")


@pytest.mark.parametrize(("form", "mark"), [("json", b""), ("json_cee", b"@cee: ")])
def test_an_object_each_line(form: str, mark: bytes) -> None:
    stream = io.BytesIO()
    writer = LogWriter(stream, "edge")
    writer.form = form
    writer.write(3, 'said "caf\xc3\xa9"\n')
    line = stream.getvalue()
    assert line.startswith(mark)
    told = json.loads(line[len(mark) :])
    assert (told["pid"], told["level"], told["prefix"], told["message"]) == (os.getpid(), "INFO", "edge", 'said "café"')
