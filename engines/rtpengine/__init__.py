"""rtpengine: the ng protocol, dictionaries in bencode; the daemon rewrites the description (reference 6)."""
