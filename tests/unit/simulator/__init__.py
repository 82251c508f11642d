"""Claims about the simulated venue."""
