"""What all functions of module registrar share: settings, the address-of-record a message is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from relayscript.dsl import nodes
from relayscript.dsl.variable import parse_variable
from relayscript.dsl.visitor import walk
from relayscript.interpreter.context import Branch, Context, Kind
from relayscript.interpreter.declaration import Module, Parameter, Reader
from relayscript.interpreter.formats import NOWHERE
from relayscript.interpreter.modules.registrar.registration import Limits
from relayscript.interpreter.modules.usrloc import Binding, Domain, Record, Usrloc
from relayscript.interpreter.values import Value, ascii_lower
from relayscript.sip.errors import SipError
from relayscript.sip.uri import parse_uri

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

DOMAIN_ARGUMENT = {
    "save": 0, "lookup": 0, "is_registered": 0, "is_contact_registered": 0, "is_ip_registered": 0, "remove": 0,
    "remove_ip_port": 2,
}  # fmt: skip
"""Which argument of each function names the table."""

Writer = Callable[[Context, str, Value], bool]


class RegistrarCore(Module):
    """Settings and addresses."""

    parameters = (
        Parameter("default_expires", 3600), Parameter("min_expires", 60), Parameter("max_expires", 0),
        Parameter("expires_max_deviation", 0), Parameter("default_q", -1), Parameter("max_contacts", 0),
        Parameter("retry_after", 0), Parameter("case_sensitive", 1), Parameter("realm_prefix", ""),
        Parameter("received_avp"), Parameter("received_param", "received"), Parameter("attr_avp"),
        Parameter("mcontact_avp"), Parameter("sock_hdr_name"), Parameter("tcp_persistent_flag"),
        Parameter("max_username_len", 64), Parameter("max_domain_len", 64), Parameter("max_aor_len", 256),
        Parameter("max_contact_len", 255), Parameter("allow_dup_cseq", 1), Parameter("disable_gruu", 1),
        Parameter("gruu_secret"), Parameter("pn_enable", 0), Parameter("pn_enable_purr", 0),
        Parameter("pn_providers"), Parameter("pn_ct_match_params", "pn-provider, pn-prid, pn-param"),
        Parameter("pn_pnsreg_interval", 130), Parameter("pn_trigger_interval", 120),
        Parameter("pn_skip_pn_interval", 0), Parameter("pn_refresh_timeout", 6),
    )  # fmt: skip
    gauges = ("max_expires", "max_contacts", "default_expire")
    statistics = ("accepted_regs", "rejected_regs", "max_expires", "max_contacts", "default_expire")

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self.limits = Limits(
            settings["default_expires"], settings["min_expires"], settings["max_expires"], settings["default_q"],
            settings["max_contact_len"], settings["received_param"],
        )  # fmt: skip
        self.read_received: Reader | None = None
        self.read_attributes: Reader | None = None
        self.read_forwarded: Reader | None = None
        self.write_attributes: Writer | None = None
        self.attribute = ""

    def start(self) -> None:
        """Make the tables that the script names; say what is not done."""
        for node in walk(self.runtime.script):
            if isinstance(node, nodes.Call) and (at := DOMAIN_ARGUMENT.get(node.name)) is not None:
                given = node.args[at] if len(node.args) > at else None
                if isinstance(given, nodes.Text):
                    self.usrloc.domain(given.value)
        self.read_received = self._reader("received_avp")
        self.read_attributes = self._reader("attr_avp")
        self.read_forwarded = self._reader("mcontact_avp")
        if self.settings["attr_avp"]:
            node = parse_variable(self.settings["attr_avp"], NOWHERE)
            self.attribute = node.parameter if isinstance(node.parameter, str) else node.name
            if self.runtime.target == "3.2":
                self.write_attributes = self.runtime.registry.writer(node)
        shown = {"max_expires": "max_expires", "max_contacts": "max_contacts", "default_expire": "default_expires"}
        for statistic, setting in shown.items():
            self.runtime.statistics[f"registrar:{statistic}"] = self.settings[setting]
        if not self.settings["disable_gruu"]:
            self.runtime.log(1, "registrar: no GRUU here: disable_gruu and gruu_secret have no effect")

    def _reader(self, setting: str) -> Reader | None:
        text = self.settings[setting]
        return self.runtime.registry.reader_of(text) if text else None

    @property
    def usrloc(self) -> Usrloc:
        """The module that keeps the tables."""
        found = self.runtime.module(Usrloc)
        assert found is not None, "registrar is not loaded without usrloc"
        return found

    # ---- addresses

    def key(self, uri: str) -> str | None:
        """The key of an address-of-record; None if it is no URI with a user, or too long."""
        try:
            parsed = parse_uri(uri)
        except SipError:
            return None
        user, host, settings = parsed.user, ascii_lower(parsed.host), self.settings
        bounds = ((user, "max_username_len"), (host, "max_domain_len"), (user + host, "max_aor_len"))
        if not user or any(len(text) > settings[bound] > 0 for text, bound in bounds):
            return None
        if not settings["case_sensitive"]:
            user = ascii_lower(user)
        if not self.usrloc.settings["use_domain"]:
            return user
        return f"{user}@{host.removeprefix(settings['realm_prefix'].lower()) or host}"

    def address(self, context: Context, aor: str | None) -> str | None:
        """The address that a question is about: the given one, that of To in a REGISTER (or a reply to one),
        else that of From."""
        if aor:
            return aor
        message = context.message
        try:
            return message.to.uri if message.method == "REGISTER" else message.from_.uri
        except SipError:
            return None

    def record(self, domain: str, uri: str | None) -> tuple[Domain, Record | None]:
        """The table of a name, and in it the record of an address; None if it has no contacts. It may wait."""
        table, key = self.usrloc.domain(domain), self.key(uri) if uri else None
        return table, self.usrloc.known(table, key) if key is not None else None

    def put_attributes(self, branch: Branch, binding: Binding) -> None:
        """Keep with a branch what `attr_avp` had when its contact was saved, under the name of that AVP."""
        if self.attribute and binding.attributes:
            branch.attributes[self.attribute] = binding.attributes

    @staticmethod
    def is_reply(context: Context) -> bool:
        """The run is that of a reply."""
        return context.kind is Kind.ONREPLY or not context.message.is_request
