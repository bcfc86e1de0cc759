"""Literals that are made ready once: regular expressions and networks."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic, ScriptError, Severity
from relayscript.interpreter.regex import Matcher, compile_ere


def compiled(pattern: nodes.Text) -> Matcher:
    """The matcher of a literal regular expression. Raises ScriptError if it does not compile."""
    try:
        return compile_ere(pattern.value)
    except ValueError as error:
        raise ScriptError((_bad("RS310", f"bad regular expression: {error}", pattern),)) from None


def network(node: nodes.Network) -> IPv4Network | IPv6Network:
    """The network of a literal. Raises ScriptError if there is no such address."""
    try:
        return ip_network(node.text.strip("[]"), strict=False)
    except ValueError as error:
        raise ScriptError((_bad("RS311", f"bad address: {error}", node),)) from None


def _bad(code: str, message: str, node: nodes.Node) -> Diagnostic:
    return Diagnostic(Severity.ERROR, code, message, node.span)
