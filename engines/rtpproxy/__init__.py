"""rtpproxy: a line of text commands each stream; we rewrite the description ourselves (reference 5)."""
