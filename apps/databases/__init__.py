"""Keeps tables in SQL databases, written behind the calls."""
