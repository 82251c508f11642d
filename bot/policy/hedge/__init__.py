"""The hedge: how much, in which contract, on how much margin."""
