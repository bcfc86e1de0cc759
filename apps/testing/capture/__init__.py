"""Captures: what a scenario did as a file for sngrep and Wireshark, and recorded calls played against a script."""
