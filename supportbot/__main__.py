"""`python -m supportbot` is the command line."""

from supportbot.cli import main

if __name__ == "__main__":
    main()
