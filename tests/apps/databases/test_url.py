"""URLs of databases as OpenSIPS writes them."""

from __future__ import annotations

import pytest

from relayscript.apps.databases.url import database_url, redacted
from relayscript.interpreter.storage import StorageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sqlite:///var/lib/calls.db", "sqlite:////var/lib/calls.db"),
        ("sqlite://calls.db", "sqlite:///calls.db"),
        ("mysql://opensips:secret@db/calls", "mysql+pymysql://opensips:secret@db/calls?charset=utf8mb4"),
        ("mysql://u@db:3307/c", "mysql+pymysql://u@db:3307/c?charset=utf8mb4"),
        ("postgres://u:p@db/c", "postgresql+psycopg://u:p@db/c"),
    ],
)
def test_urls_are_mapped(text: str, expected: str) -> None:
    assert database_url(text)[0].render_as_string(hide_password=False) == expected


@pytest.mark.parametrize(
    "text",
    ["", "sqlite:", "sqlite://", "oracle://u:secret@h/d", "mysql://u:secret@/calls", "mysql://u:secret@host",
     "mysql://u:secret@host:port/d"],
)  # fmt: skip
def test_a_bad_url_is_named_without_its_password(text: str) -> None:
    with pytest.raises(StorageError) as raised:
        database_url(text)
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_password_is_hidden() -> None:
    assert redacted("mysql://u:p@ss@host/db") == "mysql://u:***@host/db"
    assert redacted("sqlite:///a/b") == "sqlite:///a/b"
