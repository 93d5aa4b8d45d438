-- Which IDs may lead elsewhere: none so far.
CREATE OR REPLACE TEMP TABLE changed_ids (id VARCHAR);
