"""Scenarios on real sockets: the live host, parties and relay nodes on loopback, and a clock that the player moves."""
