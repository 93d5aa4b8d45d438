"""What an operator does with a warehouse besides syncing it."""
