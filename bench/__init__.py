"""How fast supportbot is on this machine: `python -m bench`. Prints a table, and keeps the figures in bench/results/."""
