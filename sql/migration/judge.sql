-- What each row of the migration CSVs says, compared with what API v3 has shown and earlier imports have told.
CREATE OR REPLACE TEMP TABLE told_lines AS
SELECT
    *,
    row_number() OVER (ORDER BY file, line) AS number,
    regexp_full_match(legacy_id, '[0-9a-f]{24}') AND regexp_full_match(user_id, '[0-9a-f]{24}') AS is_well_formed
FROM (
    SELECT
        file,
        is_of_one_district,
        file_district_id,
        line,
        role_id AS told_role_id,
        user_id AS told_user_id,
        coalesce(lower(trim(role_id)), '') AS legacy_id,
        coalesce(lower(trim(user_id)), '') AS user_id,
        CASE regexp_replace(lower(trim(role)), '[^a-z]|s$', '', 'g')
            WHEN 'student' THEN 'student'
            WHEN 'teacher' THEN 'teacher'
            WHEN 'staff' THEN 'staff'
            WHEN 'schooladmin' THEN 'staff'
            WHEN 'districtadmin' THEN 'district_admin'
            WHEN 'contact' THEN 'contact'
        END AS told_role,
        CASE WHEN regexp_full_match(lower(trim(district_id)), '[0-9a-f]{24}') THEN lower(trim(district_id)) END AS told_district_id
    FROM staging.migration
);

CREATE OR REPLACE TEMP TABLE judged_links AS
WITH told AS (
    SELECT
        *,
        row_number() OVER same_link AS nth,
        first_value(number) OVER same_link AS first_number
    FROM told_lines
    WHERE is_well_formed
    WINDOW same_link AS (PARTITION BY legacy_id, user_id ORDER BY number)
),

the_same AS (
    SELECT
        legacy_id,
        user_id,
        bool_or(is_current) AS is_current,
        bool_or(source IN ('api', 'event')) AS is_shown,
        max(ended_at) AS ended_at
    FROM legacy_id_crosswalk
    SEMI JOIN told USING (legacy_id, user_id)
    WHERE source <> 'held'
    GROUP BY legacy_id, user_id
),

-- where API v3 shows that the legacy IDs and the v3 IDs lead
known AS (
    SELECT heirs.* FROM living_heirs AS heirs WHERE source IN ('api', 'event')
),

legacy_ids_shown AS (
    SELECT DISTINCT legacy_id FROM legacy_id_crosswalk SEMI JOIN (
        SELECT legacy_id FROM told UNION SELECT user_id FROM told
    ) AS ids USING (legacy_id)
    WHERE source IN ('api', 'event')
),

users_shown AS (
    SELECT DISTINCT user_id FROM users_history SEMI JOIN (
        SELECT legacy_id AS user_id FROM told UNION SELECT user_id FROM told
    ) AS ids USING (user_id)
),

-- what other lines, or earlier imports, tell for the same legacy ID
others AS (
    SELECT told.legacy_id, told.user_id, min(other.user_id) AS other_user_id, bool_or(other.is_imported) AS is_imported
    FROM (SELECT DISTINCT legacy_id, user_id FROM told) AS told
    JOIN (
        SELECT legacy_id, user_id, false AS is_imported FROM told
        UNION
        SELECT legacy_id, user_id, true FROM sync.told_links
    ) AS other ON other.legacy_id = told.legacy_id AND other.user_id <> told.user_id
    GROUP BY told.legacy_id, told.user_id
),

compared AS (
    SELECT
        told.*,
        the_same.is_current,
        coalesce(the_same.is_shown, false) AS is_shown,
        the_same.legacy_id IS NOT NULL AS is_known,
        the_same.ended_at,
        of_legacy_id.id IS NOT NULL AS is_legacy_id_known,
        of_legacy_id.user_id AS known_user_id,
        of_legacy_id.since AS known_until,
        of_legacy_id.user_id IS NOT DISTINCT FROM coalesce(of_user.user_id, told.user_id) AS is_same_person,
        others.other_user_id,
        others.is_imported AS is_told_by_an_import,
        coalesce(of_user.is_living, false) AS is_here,
        told.legacy_id <> told.user_id
        AND users_shown.user_id IS NOT NULL
        AND legacy_ids_shown.legacy_id IS NULL AS names_a_user,
        told.legacy_id <> told.user_id
        AND no_users.legacy_id IS NOT NULL
        AND user_ids_shown.user_id IS NULL AS names_no_user
    FROM told
    LEFT JOIN the_same ON the_same.legacy_id = told.legacy_id AND the_same.user_id = told.user_id
    LEFT JOIN known AS of_legacy_id ON of_legacy_id.id = told.legacy_id
    LEFT JOIN known AS of_user ON of_user.id = told.user_id
    LEFT JOIN others ON others.legacy_id = told.legacy_id AND others.user_id = told.user_id
    LEFT JOIN users_shown ON users_shown.user_id = told.legacy_id
    LEFT JOIN legacy_ids_shown ON legacy_ids_shown.legacy_id = told.legacy_id
    LEFT JOIN legacy_ids_shown AS no_users ON no_users.legacy_id = told.user_id
    LEFT JOIN users_shown AS user_ids_shown ON user_ids_shown.user_id = told.user_id
)

SELECT
    compared.number,
    compared.file,
    compared.legacy_id,
    compared.user_id,
    compared.told_role,
    compared.told_district_id,
    compared.file_district_id,
    compared.is_of_one_district,
    compared.is_shown,
    CASE
        WHEN nth > 1 THEN 'repeated'
        WHEN is_shown THEN 'agreeing'
        WHEN names_a_user OR names_no_user THEN 'misplaced'
        WHEN is_legacy_id_known AND is_same_person THEN 'agreeing'
        WHEN is_legacy_id_known THEN 'contradicting'
        WHEN other_user_id IS NOT NULL THEN 'contradicting'
        WHEN is_known THEN 'agreeing'
        ELSE 'new'
    END AS verdict,
    CASE
        WHEN nth > 1 THEN format('the same as line {} of {}', earlier.line, earlier.file)
        WHEN is_current THEN 'Clever shows this link now'
        WHEN is_shown AND known_user_id <> compared.user_id
            THEN format('Clever showed this link until {}; the ID leads to user {}', strftime(ended_at, '%Y-%m-%d'), known_user_id)
        WHEN is_shown THEN format('Clever showed this link until {}', strftime(ended_at, '%Y-%m-%d'))
        WHEN names_a_user AND names_no_user THEN 'role_id is a v3 ID and user_id is a legacy ID: the columns are mixed up'
        WHEN names_a_user THEN 'role_id is a v3 ID, not a legacy ID'
        WHEN names_no_user THEN 'user_id is a legacy ID, not a v3 ID'
        WHEN is_legacy_id_known AND is_same_person THEN format('the ID and the user both lead to user {}', known_user_id)
        WHEN is_legacy_id_known AND known_user_id IS NULL THEN 'Clever shows several other users for this ID'
        WHEN is_legacy_id_known AND known_until IS NULL THEN format('Clever shows user {} for this ID', known_user_id)
        WHEN is_legacy_id_known
            THEN format('Clever showed another user for this ID until {}; it leads to user {}', strftime(known_until, '%Y-%m-%d'), known_user_id)
        WHEN is_told_by_an_import THEN format('an earlier import told user {} for this ID', other_user_id)
        WHEN other_user_id IS NOT NULL THEN 'another line tells another user for this ID'
        WHEN is_known THEN 'imported before'
        WHEN is_here THEN 'Clever has never shown this ID; the user is here'
        ELSE 'Clever has shown neither this ID nor the user now'
    END AS why
FROM compared
LEFT JOIN told_lines AS earlier ON earlier.number = compared.first_number;

-- A value that is no id may be anything: it is told only if it looks like an id of some kind.
CREATE OR REPLACE TEMP MACRO shown_id(told) AS CASE WHEN regexp_full_match(told, '[A-Za-z0-9_-]{1,64}') THEN told END;

CREATE OR REPLACE TEMP MACRO fault(name, told) AS CASE
    WHEN coalesce(trim(told), '') = '' THEN format('{} is empty', name)
    WHEN NOT regexp_full_match(lower(trim(told)), '[0-9a-f]{24}') THEN format('{} is not 24 hexadecimal digits', name)
END;

CREATE OR REPLACE TEMP TABLE verdicts AS
SELECT
    told.number,
    told.file,
    told.line,
    CASE WHEN told.is_well_formed THEN told.legacy_id ELSE shown_id(told.told_role_id) END AS role_id,
    CASE WHEN told.is_well_formed THEN told.user_id ELSE shown_id(told.told_user_id) END AS user_id,
    coalesce(judged.verdict, 'malformed') AS verdict,
    coalesce(judged.why, concat_ws('; ', fault('role_id', told.told_role_id), fault('user_id', told.told_user_id))) AS why
FROM told_lines AS told
LEFT JOIN judged_links AS judged USING (number);

-- What API v3 has not shown is kept as told by this import.
CREATE OR REPLACE TEMP TABLE entering_links AS
SELECT
    getvariable('import_id') AS import_id,
    file,
    legacy_id,
    user_id,
    told_role AS role,
    told_district_id AS district_id
FROM judged_links
WHERE NOT is_shown AND verdict NOT IN ('repeated', 'misplaced');
