-- What was purged and who is blocked outlives a rollback: the rows of the file that is replaced, attached as replaced.
INSERT INTO sync.purges BY NAME
FROM replaced.sync.purges ANTI JOIN sync.purges AS present USING (purge_id) ORDER BY purge_id;

INSERT INTO sync.blocked BY NAME
FROM replaced.sync.blocked ANTI JOIN sync.blocked AS present USING (id_hash) ORDER BY id_hash;
