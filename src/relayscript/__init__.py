"""Runs OpenSIPS-style route scripts without OpenSIPS: the public names of the package."""

__version__ = "0.1.0"

__all__ = ["__version__"]
