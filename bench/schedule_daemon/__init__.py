"""500 feeds in sped-up time: the real processes' delays against those that were simulated."""
