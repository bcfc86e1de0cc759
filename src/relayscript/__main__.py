"""`python -m relayscript` is the command line."""

from relayscript.apps.cli import main

if __name__ == "__main__":
    main()
