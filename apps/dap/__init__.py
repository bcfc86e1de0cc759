"""Scenarios in an editor's debugger: the Debug Adapter Protocol (microsoft.github.io/debug-adapter-protocol)."""
