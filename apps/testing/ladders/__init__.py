"""Ladders: what happened to a script as arrows between lifelines. One model (`rows.py`), a file for each form."""
