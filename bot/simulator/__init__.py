"""A venue in memory whose books close: the default venue and the tests' venue."""
