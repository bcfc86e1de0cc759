"""Scripts that run, with scenarios and golden transcripts; installed too, for `relayscript demo`."""
