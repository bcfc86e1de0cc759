"""A small name server on loopback that answers from the text of a zone, in a thread of its own."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

import dns.flags
import dns.message
import dns.name
import dns.node
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone

SOA = ". 60 IN SOA ns. root. 1 60 60 60 30\n"


class NameServer:
    """`asked` are the questions so far, as `KIND name`; one for a name in `silent_for` is not answered."""

    def __init__(self, text: str) -> None:
        self.zone = dns.zone.from_text(SOA + text, origin=".", relativize=False, check_origin=False)
        self.asked: list[str] = []
        self.silent_for: set[str] = set()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._socket.getsockname()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """Answer nothing any more."""
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", self.address)
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, source = self._socket.recvfrom(4096)
            if not data:
                return
            query = dns.message.from_wire(data)
            question = query.question[0]
            name = str(question.name).removesuffix(".")
            self.asked.append(f"{dns.rdatatype.to_text(question.rdtype)} {name}")
            if name not in self.silent_for:
                self._socket.sendto(self._answer(query, question).to_wire(), source)

    def _answer(self, query: dns.message.Message, question: dns.rrset.RRset) -> dns.message.Message:
        response = dns.message.make_response(query, recursion_available=True)
        name: dns.name.Name = question.name
        for _ in range(4):
            node = self.zone.get_node(name)
            if node is None:
                response.set_rcode(dns.rcode.NXDOMAIN)
                break
            if not self._add(response, name, node, question.rdtype):
                alias = node.get_rdataset(dns.rdataclass.IN, dns.rdatatype.CNAME)
                if alias is None:
                    break
                self._add(response, name, node, dns.rdatatype.CNAME)
                name = alias[0].target
                continue
            return response
        response.authority.append(self.zone.find_rrset(dns.name.root, dns.rdatatype.SOA))
        return response

    @staticmethod
    def _add(
        response: dns.message.Message, name: dns.name.Name, node: dns.node.Node, kind: dns.rdatatype.RdataType
    ) -> bool:
        found = node.get_rdataset(dns.rdataclass.IN, kind)
        if found is None:
            return False
        rrset = dns.rrset.from_rdata_list(name, found.ttl, list(found))
        response.answer.append(rrset)
        return True
