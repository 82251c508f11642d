"""The spot core: how wide its bands are, and what is bought and sold to stay inside."""
