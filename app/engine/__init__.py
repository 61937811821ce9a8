"""What a batch job needs without a screen: photos, trials, sweeps, store, curves, export."""
