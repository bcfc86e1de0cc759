"""Installs the Debian packages that are named, where this is root's machine; otherwise says what is left out.

    provision.py sip-tester rtpengine-daemon

Runs before anything of ours is installed, so it uses the standard library only. The exit status is 0 even if
a package is missing: what needs it is then skipped, or fails where the environment variable CI is set.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = {"sip-tester": "sipp", "rtpengine-daemon": "rtpengine", "kamailio": "kamailio"}
PATH = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
POLICY = Path("/usr/sbin/policy-rc.d")
"""invoke-rc.d asks this program before it starts a service of a fresh package; status 101 forbids it."""


def is_installed(package: str) -> bool:
    """Whether the program that we need of the package can be run."""
    if package == "python3-venv":
        return subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True).returncode == 0
    return shutil.which(PROGRAMS[package], path=PATH) is not None


def obstacle() -> str:
    """Why packages cannot be installed here; empty if they can."""
    if shutil.which("apt-get") is None:
        return "there is no apt-get"
    if os.geteuid() != 0:
        return "only root may install packages"
    return ""


@contextmanager
def services_stay_down() -> Iterator[None]:
    """While this lasts, installing a package starts no service."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def apt(*arguments: str) -> bool:
    """Run apt-get without questions; whether it succeeded."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300", *arguments]
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode != 0:
        print(done.stdout.decode(errors="replace")[-2000:], file=sys.stderr)
    return done.returncode == 0


def install(packages: list[str]) -> str:
    """Install what is missing; returns why some of it still is, or an empty string."""
    if reason := obstacle():
        return reason
    print(f"installing {' '.join(packages)} with apt ...", flush=True)
    with services_stay_down():
        if not apt("update") or not apt("install", "--no-install-recommends", *packages):
            return "apt-get failed"
    return ""


def main(packages: list[str]) -> int:
    """Install the packages that are missing and report those that stay missing."""
    missing = [package for package in packages if not is_installed(package)]
    reason = install(missing) if missing else ""
    for package in missing:
        if not is_installed(package):
            print(f"{package} is missing ({reason or 'it has no such program'}): what needs it is left out")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
