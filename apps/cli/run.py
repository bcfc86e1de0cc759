"""`relayscript run`: serve a script over UDP, in the foreground."""

from __future__ import annotations

import click

from relayscript.apps.names.resolver import is_address
from relayscript.apps.serving.channels import host_and_port
from relayscript.apps.serving.server import serve
from relayscript.sip.transport import Address

DNS_PORT = 53


def name_server(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> tuple[Address, ...]:
    """Addresses and ports, of texts. Raises BadParameter."""
    try:
        found = tuple(host_and_port(each, DNS_PORT) for each in given)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    if wrong := [host for host, _ in found if not is_address(host)]:
        raise click.BadParameter(f"{wrong[0]} is not an IP address")
    return found


@click.command("run")
@click.argument("file", type=click.Path())
@click.option("--target", type=click.Choice(["3.2", "4.0"]), help="The OpenSIPS version that the script means.")
@click.option(
    "--resolver", multiple=True, metavar="IP[:PORT]", callback=name_server,
    help="A name server to ask in place of those in /etc/resolv.conf; may be given several times.",
)
def run(file: str, target: str | None, resolver: tuple[Address, ...]) -> None:
    """Serve FILE.cfg until SIGTERM or SIGINT.

    Exit status: 0 after a clean stop, 1 if the script is no good, 2 if a port is in use.
    """
    raise SystemExit(serve(file, target, resolver=resolver))
