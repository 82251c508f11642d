"""What the parts cost, side by side in one run: ratios are what counts, the machine's speed drifts."""
