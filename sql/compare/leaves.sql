-- What an object holds, whatever the order of its keys.
CREATE OR REPLACE TEMP MACRO leaves(object) AS (
    SELECT list_sort(list({'path': fullkey, 'type': "type", 'value': atom})) FROM json_tree(object)
);
