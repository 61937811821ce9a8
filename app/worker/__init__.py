"""Qt threads: requests in, results out as queued signals."""
