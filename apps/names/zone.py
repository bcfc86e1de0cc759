"""Records in memory, in place of name servers."""

from __future__ import annotations

from collections.abc import Iterator

from relayscript.sip.locating import Question, Records


class Zone:
    """What DNS knows; nothing at first."""

    def __init__(self) -> None:
        self._records: dict[Question, Records] = {}

    def read(self, text: str) -> None:
        """Add records written as in a zone file (RFC 1035 5), with full names. Raises ValueError."""
        from relayscript.apps.names.records import read_zone

        for question, record in read_zone(text):
            self._records[question] = (*self._records.get(question, ()), record)

    def answer(self, question: Question) -> Records:
        """The records that answer a question; the alias if the name is one."""
        name = question.name.lower()
        return self._records.get(Question(name, question.kind)) or self._records.get(Question(name, "CNAME"), ())

    def addresses(self, name: str) -> Iterator[str]:
        """The IPv4 and IPv6 addresses of a name, without following aliases."""
        for kind in ("A", "AAAA"):
            yield from (each for each in self.answer(Question(name, kind)) if isinstance(each, str))
