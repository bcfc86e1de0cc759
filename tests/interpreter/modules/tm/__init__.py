"""Tests of module tm."""
