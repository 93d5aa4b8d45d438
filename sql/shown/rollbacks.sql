-- Each rollback that this file has seen, as a sentence, the latest last.
SELECT
    format(
        'Rolled back on {} to the file of {}. As-of queries between these instants show the restored file''s history, not what was '
        || 'published then.',
        strftime(rolled_back_at, '%Y-%m-%d %H:%M UTC'),
        strftime(restored_from, '%Y-%m-%d %H:%M UTC')
    )
FROM sync.rollbacks
WHERE restored_from < rolled_back_at
ORDER BY rolled_back_at;
