"""The command line: it runs the same Dagster job as the UI, in its own process."""
