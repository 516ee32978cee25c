"""`python -m supportbot` is the command line."""

import gc

# Almost all that is loaded at the start stays: to look for garbage in it as often as Python does is a fifth of the start.
gc.set_threshold(50_000, 20, 20)

from supportbot.cli import main  # noqa: E402  # what it loads is what the line above is about

if __name__ == "__main__":
    main()
