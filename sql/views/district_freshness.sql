-- How fresh each district is now: whether our rows are what Clever shows, and whether what Clever shows is what the SIS has.
CREATE OR REPLACE VIEW district_freshness AS
FROM ($freshness_of_each_district);
