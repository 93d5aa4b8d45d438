-- Who each ID ever seen leads to, legacy or v3, one row per ID.
CREATE OR REPLACE VIEW living_heirs AS
FROM ($heir_of_every_id);
