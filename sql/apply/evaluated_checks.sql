-- What each rule was when it was last evaluated.
SELECT "check", digest FROM sync.checks WHERE digest IS NOT NULL;
