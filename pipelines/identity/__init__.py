"""Tools for the crosswalk: import Clever's migration CSVs, resolve legacy IDs, and verify the crosswalk against API v2.1."""
