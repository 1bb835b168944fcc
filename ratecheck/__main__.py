"""``python -m ratecheck`` is the command ``ratecheck``."""

from ratecheck.faces.cli import main

if __name__ == "__main__":
    main()
