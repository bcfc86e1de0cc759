"""The parts of the checker, one subject each."""
