"""`python -m smarts.cli`."""

from smarts.cli import main

if __name__ == "__main__":
    main()
