"""Plays scenarios against a script, records what happens, and compares it with what is written down."""
