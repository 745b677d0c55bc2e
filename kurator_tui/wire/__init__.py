"""What reaches the terminal, and what happens when there is no terminal any more."""
