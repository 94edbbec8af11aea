"""`python -m worker` is `wirewatch`."""

import sys

from worker import early


def main() -> None:
    """Run the command, and beside its long imports what else it needs and takes long."""
    early.start_reader(sys.argv[1:])
    from worker.cli import main as command

    command()


if __name__ == "__main__":
    main()
