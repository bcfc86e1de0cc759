"""The call of `make demo`: two phones that talk through a relay, drawn as a ladder."""
