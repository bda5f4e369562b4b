"""`python -m golive` is the installed command."""

from golive.cli import main

if __name__ == "__main__":
    main()
