-- What each row of the migration CSVs says to what the crosswalk has, and where the link belongs.
CREATE OR REPLACE TEMP TABLE told_links AS
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
    FROM told_links
    WHERE is_well_formed
    WINDOW same_link AS (PARTITION BY legacy_id, user_id ORDER BY number)
),

known AS (
    SELECT *, source IN ('api', 'event') AS is_shown, {'is_current': is_current, 'is_shown': source IN ('api', 'event'), 'at': last_seen_at} AS weight
    FROM legacy_id_crosswalk
    WHERE source <> 'held' AND legacy_id IN (SELECT legacy_id FROM told)
),

the_same AS (
    SELECT
        legacy_id,
        user_id,
        arg_max({'role': role, 'district_id': district_id, 'is_current': is_current, 'is_shown': is_shown, 'ended_at': ended_at}, weight) AS link
    FROM known
    GROUP BY legacy_id, user_id
),

rivals AS (
    SELECT
        told.legacy_id,
        told.user_id,
        arg_max(
            {
                'user_id': known.user_id, 'role': known.role, 'district_id': known.district_id, 'is_current': known.is_current,
                'is_shown': known.is_shown, 'ended_at': known.ended_at
            },
            weight
        ) AS link
    FROM (SELECT DISTINCT legacy_id, user_id FROM told) AS told
    JOIN known ON known.legacy_id = told.legacy_id AND known.user_id <> told.user_id
    GROUP BY ALL
),

told_twice AS (
    SELECT legacy_id FROM told GROUP BY legacy_id HAVING count(DISTINCT user_id) > 1
),

held AS (
    -- roles that a user holds or held, and whether Clever tells another legacy id for the role
    SELECT
        user_id,
        role,
        any_value(district_id) AS district_id,
        bool_or((role, user_id) IN (SELECT (role, user_id) FROM legacy_id_crosswalk WHERE source IN ('api', 'event'))) AS has_another
    FROM user_roles_history
    WHERE user_id IN (SELECT user_id FROM told)
    GROUP BY user_id, role
),

only_role AS (
    -- a student or contact can hold no other role; of an employee's roles only one without a legacy id can be meant
    SELECT user_id, any_value(role) AS role
    FROM held
    WHERE NOT has_another OR role IN ('student', 'contact')
    GROUP BY user_id
    HAVING count(*) = 1
),

home AS (
    -- the district that shows the user, or showed the user last; none if several show the user now
    SELECT
        user_id,
        CASE
            WHEN count(*) FILTER (is_here) <= 1
                THEN arg_max(
                    district_id,
                    {'is_here': is_here, 'is_latest': valid_to IS NULL, 'valid_from': valid_from, 'district_id': district_id}
                )
        END AS district_id
    FROM (SELECT *, change <> 'archived' AND valid_to IS NULL AS is_here FROM users_history)
    WHERE user_id IN (SELECT user_id FROM told)
    GROUP BY user_id
),

placed AS (
    SELECT
        told.*,
        the_same.link AS same,
        rivals.link AS rival,
        told.legacy_id IN (SELECT legacy_id FROM told_twice) AS is_told_twice,
        told.user_id IN (SELECT user_id FROM users) AS is_here,
        coalesce(
            nullif(the_same.link.role, 'unknown'),
            nullif(rivals.link.role, 'unknown'),
            told_role,
            CASE WHEN told.legacy_id = told.user_id THEN 'student' END,
            only_role.role,
            'unknown'
        ) AS role,
        coalesce(
            nullif(the_same.link.district_id, 'unknown'),
            nullif(rivals.link.district_id, 'unknown'),
            told_district_id,
            home.district_id,
            file_district_id
        ) AS found_district_id
    FROM told
    LEFT JOIN the_same ON the_same.legacy_id = told.legacy_id AND the_same.user_id = told.user_id
    LEFT JOIN rivals ON rivals.legacy_id = told.legacy_id AND rivals.user_id = told.user_id
    LEFT JOIN only_role ON only_role.user_id = told.user_id
    LEFT JOIN home ON home.user_id = told.user_id
),

one_district AS (
    SELECT file, any_value(found_district_id) AS district_id
    FROM placed
    WHERE is_of_one_district
    GROUP BY file
    HAVING count(DISTINCT found_district_id) = 1
)

SELECT
    placed.number,
    placed.legacy_id,
    placed.user_id,
    placed.role,
    coalesce(found_district_id, one_district.district_id, 'unknown') AS district_id,
    rival.user_id AS rival_user_id,
    coalesce(rival.is_current, false) AS rival_is_current,
    same IS NOT NULL AS is_known,
    is_here,
    CASE
        WHEN nth > 1 THEN 'repeated'
        WHEN same.is_shown THEN 'agreeing'
        WHEN rival IS NOT NULL OR is_told_twice THEN 'contradicting'
        WHEN same IS NOT NULL THEN 'agreeing'
        ELSE 'new'
    END AS verdict,
    CASE
        WHEN nth > 1 THEN format('the same as line {} of {}', earlier.line, earlier.file)
        WHEN same.is_current THEN 'Clever shows this link now'
        WHEN same.is_shown AND rival.is_current THEN format('Clever showed this link until {}; now the id leads to user {}', strftime(same.ended_at, '%Y-%m-%d'), rival.user_id)
        WHEN same.is_shown THEN format('Clever showed this link until {}', strftime(same.ended_at, '%Y-%m-%d'))
        WHEN rival.is_current THEN format('Clever shows user {} for this id', rival.user_id)
        WHEN rival.is_shown THEN format('Clever showed user {} for this id until {}', rival.user_id, strftime(rival.ended_at, '%Y-%m-%d'))
        WHEN rival IS NOT NULL THEN format('an earlier import told user {} for this id', rival.user_id)
        WHEN is_told_twice THEN 'another line tells another user for this id'
        WHEN same IS NOT NULL THEN 'imported before'
        WHEN is_here THEN 'Clever has never shown this id; the user is here'
        ELSE 'Clever has shown neither this id nor the user now'
    END
    || CASE WHEN placed.role = 'unknown' AND nth = 1 THEN '; nothing tells the role' ELSE '' END AS why
FROM placed
LEFT JOIN one_district ON one_district.file = placed.file
LEFT JOIN told_links AS earlier ON earlier.number = placed.first_number;

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
    judged.role,
    judged.district_id,
    coalesce(judged.verdict, 'malformed') AS verdict,
    coalesce(judged.why, concat_ws('; ', fault('role_id', told.told_role_id), fault('user_id', told.told_user_id))) AS why
FROM told_links AS told
LEFT JOIN judged_links AS judged USING (number);
