"""A script's surroundings in memory: clock, network, names, databases and relay nodes, all under control."""

from relayscript.apps.simulator.host import EPOCH, VirtualHost

__all__ = ["EPOCH", "VirtualHost"]
