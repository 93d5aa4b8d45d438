-- What the macros read: under a name that no other database has, so that they fail there in place of reading its tables.
CREATE OR REPLACE VIEW clever_warehouse_living_heirs AS
FROM ($heir_of_every_id);
