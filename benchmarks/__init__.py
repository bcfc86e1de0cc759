"""What relayscript costs, side by side with peers: `python -m benchmarks`."""
