"""Secrets: where they may live, in which order they are asked, and how they never show themselves."""
