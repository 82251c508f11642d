"""Making it so: intents, sending once, resolving by looking, reconciling."""
