"""Finds out what names stand for: name servers, the hosts file, and zones in memory."""
