-- The next sync evaluates every data-quality rule: a purge removes rows of which the findings of others may speak.
UPDATE sync.checks SET digest = NULL;
