"""Serves a script for real: sockets, clock, log, management interfaces, and the life of the process."""
