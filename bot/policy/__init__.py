"""What the book should be: bands, targets, drift and the plan. Pure."""
