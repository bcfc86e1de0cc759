"""Media relays: the contract, one file per relay, and the sets and nodes they are chosen from."""
