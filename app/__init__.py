"""The program: engine (no Qt), worker (Qt threads), ui (the window) and the command line."""
