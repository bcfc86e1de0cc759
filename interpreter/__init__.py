"""Runs a checked script: compiler, values, variables, and the pipeline that routes messages."""
