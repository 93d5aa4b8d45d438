"""WHAT exists and when it is refreshed: the only room that knows Dagster."""
