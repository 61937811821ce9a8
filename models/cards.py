"""A classifier's card: its weights, classes and preprocessing, as one TOML file. No torch here."""
