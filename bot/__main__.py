"""So that `python -m bot` is `poise`."""

from bot.cli.main import main

if __name__ == "__main__":
    main()
