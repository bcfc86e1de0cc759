"""mediaproxy: requests in lines to a dispatcher, which chooses a relay and ports (reference 6.6)."""
