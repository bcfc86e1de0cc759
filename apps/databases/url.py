"""The URLs of databases as OpenSIPS writes them, as SQLAlchemy wants them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from relayscript.interpreter.storage import StorageError


@dataclass(frozen=True, slots=True)
class Driver:
    """What serves a scheme: SQLAlchemy's name, the package to install, and what its connections want to know."""

    name: str
    package: str
    query: tuple[tuple[str, str], ...] = ()


DRIVERS = {
    "sqlite": Driver("sqlite", ""),
    "mysql": Driver("mysql+pymysql", "PyMySQL", (("charset", "utf8mb4"),)),
    "postgres": Driver("postgresql+psycopg", "psycopg[binary]"),
}


def database_url(text: str) -> tuple[URL, Driver]:
    """The URL and its driver. Raises StorageError."""
    scheme, mark, rest = text.partition("://")
    driver = DRIVERS.get(scheme)
    if driver is None or not mark:
        known = ", ".join(f"{each}://" for each in DRIVERS)
        raise StorageError(f"not the URL of a database: {redacted(text)} (known: {known})")
    if scheme == "sqlite":
        if not rest:
            raise StorageError(f"{text} names no file; write sqlite:///path")
        return URL.create("sqlite", database=rest), driver
    try:
        url = make_url(f"{driver.name}://{rest}")
    except (ArgumentError, ValueError) as error:
        raise StorageError(f"not the URL of a database: {redacted(text)}") from error
    if not url.host or not url.database:
        raise StorageError(f"{redacted(text)} names no host or no database; write {scheme}://user:password@host/name")
    return url.update_query_dict(dict(driver.query)), driver


def redacted(text: str) -> str:
    """A URL for people to see, without the password in it."""
    scheme, mark, rest = text.partition("://")
    login, at, place = rest.rpartition("@")
    user, colon, _ = login.partition(":")
    return f"{scheme}{mark}{user}{':***' if colon else ''}{at}{place}"
