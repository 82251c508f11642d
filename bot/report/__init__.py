"""Decisions, cycles and performance as tables and JSON."""
