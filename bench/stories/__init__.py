"""Near copies: how well they are found, what that costs, and how many writers it bears."""
