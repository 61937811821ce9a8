"""The window: small widgets, one per file, each fed by plain data."""
