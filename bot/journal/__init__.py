"""Memory on disk: append only, hash-chained, exact."""
