-- Which number the sync that is to be written down has: one more than the latest.
SELECT coalesce(greatest(max(sequence), 0), 0) + 1 FROM sync.runs;
