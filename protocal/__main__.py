"""``python -m protocal``: the same as the ``protocal`` command."""

from protocal.cli import main

if __name__ == "__main__":
    main()
