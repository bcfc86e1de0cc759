"""Scenarios beside scripts are tests; `--update-golden` writes all golden files anew.

Property tests run by the profile `quick`; `make fuzz` runs them by `long`, again and again.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("quick", deadline=None)
settings.register_profile("long", deadline=None, max_examples=1000)
settings.load_profile("quick")
