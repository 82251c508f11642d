"""Carry: coins held against contracts sold, for what the pair earns."""
