"""HOW data moves: plain Python, no Dagster."""
