"""Scenarios beside scripts are tests; `--update-golden` writes all golden files anew."""

from __future__ import annotations

pytest_plugins = ["relayscript.apps.pytest_plugin"]
