-- HMAC-SHA256 of an ID, its first 128 bits: the key is in two variables, padded as RFC 2104 says, so that no statement holds it.
CREATE OR REPLACE TEMP MACRO pseudonym(id) AS
left(sha256(getvariable('outer_pad') || unhex(sha256(getvariable('inner_pad') || encode(id)))), 32);
