"""The command line as ``python -m takeoff``."""

from takeoff.cli import main

if __name__ == "__main__":
    main()
