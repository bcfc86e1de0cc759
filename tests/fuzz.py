"""Runs what takes long or needs a quiet machine, then the property tests again and again with new seeds.

`python tests/fuzz.py [SECONDS]` (600 if not given).

Ends with status 1 at the first finding, and prints the seed that repeats it.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time


def main(seconds: float) -> int:
    """Fuzz for that long."""
    if subprocess.run([sys.executable, "-m", "pytest", "-m", "measured"], check=False).returncode:
        return 1
    until, rounds = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        seed = random.randrange(2**32)
        command = [sys.executable, "-m", "pytest", "-m", "hypothesis", "-n", "2", "-x", "--hypothesis-profile=long"]
        command.append(f"--hypothesis-seed={seed}")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stdout, done.stderr, f"found in round {rounds + 1} with --hypothesis-seed={seed}", sep="\n")
            return 1
        rounds += 1
    print(f"{rounds} rounds, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 600))
