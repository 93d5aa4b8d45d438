-- Which statements make an empty database into a warehouse without rows. Generated: make docs.

CREATE SCHEMA IF NOT EXISTS past;

CREATE SCHEMA IF NOT EXISTS sync;

CREATE TABLE IF NOT EXISTS users (
	user_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	email VARCHAR,
	first_name VARCHAR,
	middle_name VARCHAR,
	last_name VARCHAR,
	roles VARCHAR[] NOT NULL,
	synced_in_lms BOOLEAN,
	created_at TIMESTAMP WITH TIME ZONE,
	last_modified_at TIMESTAMP WITH TIME ZONE,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_users (
	user_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	email VARCHAR,
	first_name VARCHAR,
	middle_name VARCHAR,
	last_name VARCHAR,
	roles VARCHAR[] NOT NULL,
	synced_in_lms BOOLEAN,
	created_at TIMESTAMP WITH TIME ZONE,
	last_modified_at TIMESTAMP WITH TIME ZONE,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS user_roles (
	user_id VARCHAR NOT NULL,
	role VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	legacy_id VARCHAR,
	sis_id VARCHAR,
	title VARCHAR,
	school_id VARCHAR,
	school_ids VARCHAR[] NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_user_roles (
	user_id VARCHAR NOT NULL,
	role VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	legacy_id VARCHAR,
	sis_id VARCHAR,
	title VARCHAR,
	school_id VARCHAR,
	school_ids VARCHAR[] NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS students (
	user_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	legacy_id VARCHAR,
	school_id VARCHAR,
	school_ids VARCHAR[] NOT NULL,
	sis_id VARCHAR,
	student_number VARCHAR,
	state_id VARCHAR,
	district_username VARCHAR,
	grade VARCHAR,
	graduation_year VARCHAR,
	dob DATE,
	gender VARCHAR,
	race VARCHAR,
	hispanic_ethnicity VARCHAR,
	home_language VARCHAR,
	home_language_code VARCHAR,
	ell_status VARCHAR,
	frl_status VARCHAR,
	iep_status VARCHAR,
	gifted_status VARCHAR,
	section_504_status VARCHAR,
	disability_status VARCHAR,
	disability_type VARCHAR,
	disability_code VARCHAR,
	preferred_first_name VARCHAR,
	preferred_middle_name VARCHAR,
	preferred_last_name VARCHAR,
	location_address VARCHAR,
	location_city VARCHAR,
	location_state VARCHAR,
	location_zip VARCHAR,
	location_lat VARCHAR,
	location_lon VARCHAR,
	role_created_at TIMESTAMP WITH TIME ZONE,
	role_last_modified_at TIMESTAMP WITH TIME ZONE,
	ext JSON,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_students (
	user_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	legacy_id VARCHAR,
	school_id VARCHAR,
	school_ids VARCHAR[] NOT NULL,
	sis_id VARCHAR,
	student_number VARCHAR,
	state_id VARCHAR,
	district_username VARCHAR,
	grade VARCHAR,
	graduation_year VARCHAR,
	dob DATE,
	gender VARCHAR,
	race VARCHAR,
	hispanic_ethnicity VARCHAR,
	home_language VARCHAR,
	home_language_code VARCHAR,
	ell_status VARCHAR,
	frl_status VARCHAR,
	iep_status VARCHAR,
	gifted_status VARCHAR,
	section_504_status VARCHAR,
	disability_status VARCHAR,
	disability_type VARCHAR,
	disability_code VARCHAR,
	preferred_first_name VARCHAR,
	preferred_middle_name VARCHAR,
	preferred_last_name VARCHAR,
	location_address VARCHAR,
	location_city VARCHAR,
	location_state VARCHAR,
	location_zip VARCHAR,
	location_lat VARCHAR,
	location_lon VARCHAR,
	role_created_at TIMESTAMP WITH TIME ZONE,
	role_last_modified_at TIMESTAMP WITH TIME ZONE,
	ext JSON,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS student_enrollments (
	student_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	school_id VARCHAR,
	start_date DATE,
	end_date DATE,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_student_enrollments (
	student_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	school_id VARCHAR,
	start_date DATE,
	end_date DATE,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS teachers (
	user_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	legacy_id VARCHAR,
	school_id VARCHAR,
	school_ids VARCHAR[] NOT NULL,
	sis_id VARCHAR,
	teacher_number VARCHAR,
	state_id VARCHAR,
	title VARCHAR,
	district_username VARCHAR,
	role_district_id VARCHAR,
	role_first_name VARCHAR,
	role_middle_name VARCHAR,
	role_last_name VARCHAR,
	role_created_at TIMESTAMP WITH TIME ZONE,
	role_last_modified_at TIMESTAMP WITH TIME ZONE,
	ext JSON,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_teachers (
	user_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	legacy_id VARCHAR,
	school_id VARCHAR,
	school_ids VARCHAR[] NOT NULL,
	sis_id VARCHAR,
	teacher_number VARCHAR,
	state_id VARCHAR,
	title VARCHAR,
	district_username VARCHAR,
	role_district_id VARCHAR,
	role_first_name VARCHAR,
	role_middle_name VARCHAR,
	role_last_name VARCHAR,
	role_created_at TIMESTAMP WITH TIME ZONE,
	role_last_modified_at TIMESTAMP WITH TIME ZONE,
	ext JSON,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS staff (
	user_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	legacy_id VARCHAR,
	school_ids VARCHAR[] NOT NULL,
	staff_id VARCHAR,
	department VARCHAR,
	title VARCHAR,
	staff_roles VARCHAR[] NOT NULL,
	district_username VARCHAR,
	ext JSON,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_staff (
	user_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	legacy_id VARCHAR,
	school_ids VARCHAR[] NOT NULL,
	staff_id VARCHAR,
	department VARCHAR,
	title VARCHAR,
	staff_roles VARCHAR[] NOT NULL,
	district_username VARCHAR,
	ext JSON,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS district_admins (
	user_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	legacy_id VARCHAR,
	title VARCHAR,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_district_admins (
	user_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	legacy_id VARCHAR,
	title VARCHAR,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS contacts (
	user_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	legacy_id VARCHAR,
	sis_id VARCHAR,
	phone VARCHAR,
	phone_type VARCHAR,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_contacts (
	user_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	legacy_id VARCHAR,
	sis_id VARCHAR,
	phone VARCHAR,
	phone_type VARCHAR,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS contact_students (
	contact_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	student_id VARCHAR,
	relationship VARCHAR,
	type VARCHAR,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_contact_students (
	contact_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	student_id VARCHAR,
	relationship VARCHAR,
	type VARCHAR,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS districts (
	district_id VARCHAR NOT NULL,
	name VARCHAR,
	sis_type VARCHAR,
	state VARCHAR,
	error VARCHAR,
	last_sync_at TIMESTAMP WITH TIME ZONE,
	last_clever_sync_at TIMESTAMP WITH TIME ZONE,
	pause_start_at TIMESTAMP WITH TIME ZONE,
	pause_end_at TIMESTAMP WITH TIME ZONE,
	last_attendance_sync_at TIMESTAMP WITH TIME ZONE,
	login_methods VARCHAR[] NOT NULL,
	launch_date DATE,
	portal_url VARCHAR,
	lms_type VARCHAR,
	lms_state VARCHAR,
	mdr_number VARCHAR,
	nces_id VARCHAR,
	district_contact_id VARCHAR,
	district_contact_title VARCHAR,
	district_contact_email VARCHAR,
	district_contact_first_name VARCHAR,
	district_contact_middle_name VARCHAR,
	district_contact_last_name VARCHAR,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_districts (
	district_id VARCHAR NOT NULL,
	name VARCHAR,
	sis_type VARCHAR,
	state VARCHAR,
	error VARCHAR,
	last_sync_at TIMESTAMP WITH TIME ZONE,
	last_clever_sync_at TIMESTAMP WITH TIME ZONE,
	pause_start_at TIMESTAMP WITH TIME ZONE,
	pause_end_at TIMESTAMP WITH TIME ZONE,
	last_attendance_sync_at TIMESTAMP WITH TIME ZONE,
	login_methods VARCHAR[] NOT NULL,
	launch_date DATE,
	portal_url VARCHAR,
	lms_type VARCHAR,
	lms_state VARCHAR,
	mdr_number VARCHAR,
	nces_id VARCHAR,
	district_contact_id VARCHAR,
	district_contact_title VARCHAR,
	district_contact_email VARCHAR,
	district_contact_first_name VARCHAR,
	district_contact_middle_name VARCHAR,
	district_contact_last_name VARCHAR,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS schools (
	school_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	name VARCHAR,
	sis_id VARCHAR,
	school_number VARCHAR,
	state_id VARCHAR,
	nces_id VARCHAR,
	mdr_number VARCHAR,
	low_grade VARCHAR,
	high_grade VARCHAR,
	phone VARCHAR,
	location_address VARCHAR,
	location_city VARCHAR,
	location_state VARCHAR,
	location_zip VARCHAR,
	location_lat VARCHAR,
	location_lon VARCHAR,
	principal_name VARCHAR,
	principal_email VARCHAR,
	created_at TIMESTAMP WITH TIME ZONE,
	last_modified_at TIMESTAMP WITH TIME ZONE,
	ext JSON,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_schools (
	school_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	name VARCHAR,
	sis_id VARCHAR,
	school_number VARCHAR,
	state_id VARCHAR,
	nces_id VARCHAR,
	mdr_number VARCHAR,
	low_grade VARCHAR,
	high_grade VARCHAR,
	phone VARCHAR,
	location_address VARCHAR,
	location_city VARCHAR,
	location_state VARCHAR,
	location_zip VARCHAR,
	location_lat VARCHAR,
	location_lon VARCHAR,
	principal_name VARCHAR,
	principal_email VARCHAR,
	created_at TIMESTAMP WITH TIME ZONE,
	last_modified_at TIMESTAMP WITH TIME ZONE,
	ext JSON,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS courses (
	course_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	name VARCHAR,
	number VARCHAR,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_courses (
	course_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	name VARCHAR,
	number VARCHAR,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS terms (
	term_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	name VARCHAR,
	start_date DATE,
	end_date DATE,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_terms (
	term_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	name VARCHAR,
	start_date DATE,
	end_date DATE,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS sections (
	section_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	school_id VARCHAR,
	course_id VARCHAR,
	term_id VARCHAR,
	teacher_id VARCHAR,
	name VARCHAR,
	sis_id VARCHAR,
	section_number VARCHAR,
	period VARCHAR,
	subject VARCHAR,
	grade VARCHAR,
	synced_in_lms BOOLEAN,
	created_at TIMESTAMP WITH TIME ZONE,
	last_modified_at TIMESTAMP WITH TIME ZONE,
	ext JSON,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_sections (
	section_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	school_id VARCHAR,
	course_id VARCHAR,
	term_id VARCHAR,
	teacher_id VARCHAR,
	name VARCHAR,
	sis_id VARCHAR,
	section_number VARCHAR,
	period VARCHAR,
	subject VARCHAR,
	grade VARCHAR,
	synced_in_lms BOOLEAN,
	created_at TIMESTAMP WITH TIME ZONE,
	last_modified_at TIMESTAMP WITH TIME ZONE,
	ext JSON,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS section_students (
	section_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	student_id VARCHAR NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_section_students (
	section_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	student_id VARCHAR NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS section_teachers (
	section_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	teacher_id VARCHAR NOT NULL,
	is_primary BOOLEAN NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_section_teachers (
	section_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	teacher_id VARCHAR NOT NULL,
	is_primary BOOLEAN NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS resources (
	resource_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	internal_resource_id VARCHAR,
	title VARCHAR,
	roles VARCHAR[] NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE,
	updated_at TIMESTAMP WITH TIME ZONE,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_resources (
	resource_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	internal_resource_id VARCHAR,
	title VARCHAR,
	roles VARCHAR[] NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE,
	updated_at TIMESTAMP WITH TIME ZONE,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS resource_courses (
	resource_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	course_id VARCHAR NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS past.past_resource_courses (
	resource_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	course_id VARCHAR NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	extra JSON,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	change VARCHAR NOT NULL,
	valid_to TIMESTAMP WITH TIME ZONE
);

CREATE TABLE IF NOT EXISTS legacy_id_crosswalk (
	district_id VARCHAR NOT NULL,
	role VARCHAR NOT NULL,
	legacy_id VARCHAR NOT NULL,
	user_id VARCHAR NOT NULL,
	is_current BOOLEAN NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	ended_at TIMESTAMP WITH TIME ZONE,
	end_reason VARCHAR,
	source VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS crosswalk_changes (
	observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	district_id VARCHAR NOT NULL,
	change VARCHAR NOT NULL,
	role VARCHAR NOT NULL,
	legacy_id VARCHAR NOT NULL,
	from_user_id VARCHAR,
	to_user_id VARCHAR,
	from_is_gone BOOLEAN,
	to_is_new BOOLEAN,
	replaced_by VARCHAR
);

CREATE TABLE IF NOT EXISTS sync.heirs (
	id VARCHAR NOT NULL,
	status VARCHAR NOT NULL,
	user_id VARCHAR,
	user_ids VARCHAR[],
	is_living BOOLEAN NOT NULL,
	role VARCHAR,
	district_id VARCHAR,
	since TIMESTAMP WITH TIME ZONE,
	source VARCHAR NOT NULL,
	is_legacy_id BOOLEAN NOT NULL,
	has_current_link BOOLEAN NOT NULL
);

CREATE TABLE IF NOT EXISTS sync.imports (
	import_id VARCHAR NOT NULL,
	file VARCHAR NOT NULL,
	imported_at TIMESTAMP WITH TIME ZONE NOT NULL,
	source VARCHAR NOT NULL,
	is_of_one_district BOOLEAN NOT NULL,
	first_district_id VARCHAR,
	last_district_id VARCHAR,
	links BIGINT NOT NULL,
	taken_back_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (import_id, file)
);

CREATE TABLE IF NOT EXISTS sync.told_links (
	import_id VARCHAR NOT NULL,
	file VARCHAR NOT NULL,
	legacy_id VARCHAR NOT NULL,
	user_id VARCHAR NOT NULL,
	role VARCHAR,
	district_id VARCHAR
);

CREATE TABLE IF NOT EXISTS sync.runs (
	sync_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	sequence BIGINT NOT NULL,
	mode VARCHAR NOT NULL,
	started_at TIMESTAMP WITH TIME ZONE NOT NULL,
	finished_at TIMESTAMP WITH TIME ZONE NOT NULL,
	read_at TIMESTAMP WITH TIME ZONE,
	outcome VARCHAR NOT NULL,
	error VARCHAR,
	unverified VARCHAR[],
	added BIGINT NOT NULL,
	updated BIGINT NOT NULL,
	archived BIGINT NOT NULL,
	restored BIGINT NOT NULL,
	digest VARCHAR,
	by_role JSON
);

CREATE TABLE IF NOT EXISTS sync.receipts (
	sync_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	feed VARCHAR NOT NULL,
	pages BIGINT NOT NULL,
	records BIGINT NOT NULL,
	bytes BIGINT NOT NULL,
	first_id VARCHAR,
	last_id VARCHAR,
	digest VARCHAR,
	complete BOOLEAN NOT NULL
);

CREATE TABLE IF NOT EXISTS sync.districts (
	district_id VARCHAR NOT NULL,
	connected BOOLEAN NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	not_shared VARCHAR[],
	PRIMARY KEY (district_id)
);

CREATE TABLE IF NOT EXISTS sync.holds (
	district_id VARCHAR NOT NULL,
	digest VARCHAR NOT NULL,
	held_at TIMESTAMP WITH TIME ZONE NOT NULL,
	sequence BIGINT NOT NULL,
	sync_id VARCHAR NOT NULL,
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	state VARCHAR NOT NULL,
	why VARCHAR NOT NULL,
	exceeded JSON,
	by_role JSON NOT NULL,
	archived BIGINT,
	continuing BIGINT,
	students JSON,
	decided_at TIMESTAMP WITH TIME ZONE,
	decided_by VARCHAR,
	reason VARCHAR,
	applied_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (district_id, digest, held_at)
);

CREATE TABLE IF NOT EXISTS sync.counts (
	district_id VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	school_id VARCHAR,
	grade VARCHAR,
	first_day DATE NOT NULL,
	last_day DATE,
	count BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS sync.fields (
	stream VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	path VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	records BIGINT,
	example_id VARCHAR,
	is_present BOOLEAN NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (stream, district_id, path, kind)
);

CREATE TABLE IF NOT EXISTS sync.findings (
	"check" VARCHAR NOT NULL,
	severity VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	record_id VARCHAR NOT NULL,
	related_id VARCHAR,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	resolved_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY ("check", district_id, record_id)
);

CREATE TABLE IF NOT EXISTS sync.repaired_records (
	district_id VARCHAR NOT NULL,
	user_id VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS sync.unexplained_legacy_ids (
	district_id VARCHAR NOT NULL,
	role VARCHAR NOT NULL,
	legacy_id VARCHAR NOT NULL,
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	resolved_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (district_id, role, legacy_id)
);

CREATE TABLE IF NOT EXISTS sync.verifications (
	verification_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	role VARCHAR NOT NULL,
	verified_at TIMESTAMP WITH TIME ZONE NOT NULL,
	is_served BOOLEAN NOT NULL,
	listed BIGINT NOT NULL,
	explained BIGINT NOT NULL,
	ended BIGINT NOT NULL,
	unexplained BIGINT NOT NULL,
	differing BIGINT NOT NULL,
	PRIMARY KEY (verification_id, district_id, role)
);

CREATE TABLE IF NOT EXISTS sync.checks (
	"check" VARCHAR NOT NULL,
	severity VARCHAR NOT NULL,
	description VARCHAR NOT NULL,
	digest VARCHAR,
	PRIMARY KEY ("check")
);

CREATE TABLE IF NOT EXISTS sync.rollbacks (
	rolled_back_at TIMESTAMP WITH TIME ZONE NOT NULL,
	restored_from TIMESTAMP WITH TIME ZONE NOT NULL,
	undone_from TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (rolled_back_at)
);

CREATE TABLE IF NOT EXISTS sync.purges (
	purge_id VARCHAR NOT NULL,
	purged_at TIMESTAMP WITH TIME ZONE NOT NULL,
	kind VARCHAR NOT NULL,
	subject VARCHAR NOT NULL,
	rows BIGINT NOT NULL,
	rows_by_table JSON NOT NULL,
	links BIGINT NOT NULL,
	kept_files BIGINT NOT NULL,
	other_files BIGINT NOT NULL,
	dagster_runs BIGINT NOT NULL,
	is_blocked BOOLEAN NOT NULL,
	PRIMARY KEY (purge_id)
);

CREATE TABLE IF NOT EXISTS sync.blocked (
	id_hash VARCHAR NOT NULL,
	blocked_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (id_hash)
);

CREATE TABLE IF NOT EXISTS sync.clever_hosts (
	sequence BIGINT NOT NULL,
	host VARCHAR NOT NULL,
	sync_id VARCHAR NOT NULL,
	recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (sequence)
);

CREATE TABLE IF NOT EXISTS sync.migrations (
	number BIGINT NOT NULL,
	name VARCHAR NOT NULL,
	applied_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (number)
);

CREATE TABLE IF NOT EXISTS sync.layout (
	fingerprint VARCHAR NOT NULL,
	PRIMARY KEY (fingerprint)
);

CREATE TABLE IF NOT EXISTS sync.lines (
	stream VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	line UBigInt NOT NULL,
	record_id VARCHAR NOT NULL,
	roles VARCHAR
);

CREATE TABLE IF NOT EXISTS sync.events (
	sync_id VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	record_types VARCHAR[] NOT NULL,
	created BIGINT NOT NULL,
	updated BIGINT NOT NULL,
	deleted BIGINT NOT NULL,
	first_event_id VARCHAR,
	last_event_id VARCHAR,
	reason VARCHAR,
	missed BIGINT
);

CREATE TABLE IF NOT EXISTS sync.event_cursors (
	district_id VARCHAR NOT NULL,
	event_id VARCHAR,
	source VARCHAR NOT NULL,
	records VARCHAR[] NOT NULL,
	read_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (district_id)
);

CREATE TABLE IF NOT EXISTS sync.missed_by_events (
	stream VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	record_id VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS sync.line_forms (
	stream VARCHAR NOT NULL,
	district_id VARCHAR NOT NULL,
	form VARCHAR NOT NULL,
	PRIMARY KEY (stream, district_id)
);

-- Every version of every row of users; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW users_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM users
UNION ALL BY NAME
SELECT * FROM past.past_users;

-- Every version of every row of users; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_users_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM users
UNION ALL BY NAME
SELECT * FROM past.past_users;

-- Every version of every row of user_roles; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW user_roles_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM user_roles
UNION ALL BY NAME
SELECT * FROM past.past_user_roles;

-- Every version of every row of user_roles; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_user_roles_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM user_roles
UNION ALL BY NAME
SELECT * FROM past.past_user_roles;

-- Every version of every row of students; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW students_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM students
UNION ALL BY NAME
SELECT * FROM past.past_students;

-- Every version of every row of students; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_students_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM students
UNION ALL BY NAME
SELECT * FROM past.past_students;

-- Every version of every row of student_enrollments; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW student_enrollments_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM student_enrollments
UNION ALL BY NAME
SELECT * FROM past.past_student_enrollments;

-- Every version of every row of student_enrollments; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_student_enrollments_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM student_enrollments
UNION ALL BY NAME
SELECT * FROM past.past_student_enrollments;

-- Every version of every row of teachers; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW teachers_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM teachers
UNION ALL BY NAME
SELECT * FROM past.past_teachers;

-- Every version of every row of teachers; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_teachers_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM teachers
UNION ALL BY NAME
SELECT * FROM past.past_teachers;

-- Every version of every row of staff; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW staff_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM staff
UNION ALL BY NAME
SELECT * FROM past.past_staff;

-- Every version of every row of staff; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_staff_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM staff
UNION ALL BY NAME
SELECT * FROM past.past_staff;

-- Every version of every row of district_admins; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW district_admins_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM district_admins
UNION ALL BY NAME
SELECT * FROM past.past_district_admins;

-- Every version of every row of district_admins; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_district_admins_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM district_admins
UNION ALL BY NAME
SELECT * FROM past.past_district_admins;

-- Every version of every row of contacts; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW contacts_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM contacts
UNION ALL BY NAME
SELECT * FROM past.past_contacts;

-- Every version of every row of contacts; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_contacts_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM contacts
UNION ALL BY NAME
SELECT * FROM past.past_contacts;

-- Every version of every row of contact_students; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW contact_students_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM contact_students
UNION ALL BY NAME
SELECT * FROM past.past_contact_students;

-- Every version of every row of contact_students; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_contact_students_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM contact_students
UNION ALL BY NAME
SELECT * FROM past.past_contact_students;

-- Every version of every row of districts; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW districts_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM districts
UNION ALL BY NAME
SELECT * FROM past.past_districts;

-- Every version of every row of districts; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_districts_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM districts
UNION ALL BY NAME
SELECT * FROM past.past_districts;

-- Every version of every row of schools; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW schools_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM schools
UNION ALL BY NAME
SELECT * FROM past.past_schools;

-- Every version of every row of schools; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_schools_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM schools
UNION ALL BY NAME
SELECT * FROM past.past_schools;

-- Every version of every row of courses; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW courses_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM courses
UNION ALL BY NAME
SELECT * FROM past.past_courses;

-- Every version of every row of courses; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_courses_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM courses
UNION ALL BY NAME
SELECT * FROM past.past_courses;

-- Every version of every row of terms; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW terms_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM terms
UNION ALL BY NAME
SELECT * FROM past.past_terms;

-- Every version of every row of terms; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_terms_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM terms
UNION ALL BY NAME
SELECT * FROM past.past_terms;

-- Every version of every row of sections; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW sections_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM sections
UNION ALL BY NAME
SELECT * FROM past.past_sections;

-- Every version of every row of sections; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_sections_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM sections
UNION ALL BY NAME
SELECT * FROM past.past_sections;

-- Every version of every row of section_students; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW section_students_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM section_students
UNION ALL BY NAME
SELECT * FROM past.past_section_students;

-- Every version of every row of section_students; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_section_students_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM section_students
UNION ALL BY NAME
SELECT * FROM past.past_section_students;

-- Every version of every row of section_teachers; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW section_teachers_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM section_teachers
UNION ALL BY NAME
SELECT * FROM past.past_section_teachers;

-- Every version of every row of section_teachers; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_section_teachers_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM section_teachers
UNION ALL BY NAME
SELECT * FROM past.past_section_teachers;

-- Every version of every row of resources; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW resources_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM resources
UNION ALL BY NAME
SELECT * FROM past.past_resources;

-- Every version of every row of resources; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_resources_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM resources
UNION ALL BY NAME
SELECT * FROM past.past_resources;

-- Every version of every row of resource_courses; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW resource_courses_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM resource_courses
UNION ALL BY NAME
SELECT * FROM past.past_resource_courses;

-- Every version of every row of resource_courses; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW clever_warehouse_resource_courses_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM resource_courses
UNION ALL BY NAME
SELECT * FROM past.past_resource_courses;

CREATE OR REPLACE VIEW grades AS
SELECT listed."grade"::VARCHAR AS "grade", listed."sort_order"::BIGINT AS "sort_order", listed."label"::VARCHAR AS "label"
FROM (VALUES
    ('InfantToddler', 1, 'Infant or toddler'),
    ('Preschool', 2, 'Preschool'),
    ('PreKindergarten', 3, 'Prekindergarten'),
    ('TransitionalKindergarten', 4, 'Transitional kindergarten'),
    ('Kindergarten', 5, 'Kindergarten'),
    ('1', 6, 'Grade 1'),
    ('2', 7, 'Grade 2'),
    ('3', 8, 'Grade 3'),
    ('4', 9, 'Grade 4'),
    ('5', 10, 'Grade 5'),
    ('6', 11, 'Grade 6'),
    ('7', 12, 'Grade 7'),
    ('8', 13, 'Grade 8'),
    ('9', 14, 'Grade 9'),
    ('10', 15, 'Grade 10'),
    ('11', 16, 'Grade 11'),
    ('12', 17, 'Grade 12'),
    ('13', 18, 'Grade 13'),
    ('PostGraduate', 19, 'Postgraduate'),
    ('Ungraded', 20, 'Ungraded'),
    ('Other', 21, 'Other')
) AS listed("grade", "sort_order", "label");

CREATE OR REPLACE VIEW home_languages AS
SELECT listed."code"::VARCHAR AS "code", listed."name"::VARCHAR AS "name", listed."iso_part"::VARCHAR AS "iso_part", listed."scope"::VARCHAR AS "scope"
FROM (VALUES
    ('afr', 'Afrikaans', '639-2', 'individual'),
    ('amh', 'Amharic', '639-2', 'individual'),
    ('ara', 'Arabic', '639-2', 'macrolanguage'),
    ('asm', 'Assamese', '639-2', 'individual'),
    ('aym', 'Aymara', '639-2', 'macrolanguage'),
    ('aze', 'Azerbaijani', '639-2', 'macrolanguage'),
    ('bak', 'Bashkir', '639-2', 'individual'),
    ('bam', 'Bambara', '639-2', 'individual'),
    ('bel', 'Belarusian', '639-2', 'individual'),
    ('ben', 'Bengali', '639-2', 'individual'),
    ('bho', 'Bhojpuri', '639-2', 'individual'),
    ('bod', 'Tibetan', '639-2', 'individual'),
    ('bos', 'Bosnian', '639-2', 'individual'),
    ('bul', 'Bulgarian', '639-2', 'individual'),
    ('cat', 'Catalan', '639-2', 'individual'),
    ('ceb', 'Cebuano', '639-2', 'individual'),
    ('ces', 'Czech', '639-2', 'individual'),
    ('chk', 'Chuukese', '639-2', 'individual'),
    ('ckb', 'Kurdish (Sorani)', '639-3', 'individual'),
    ('cmn', 'Mandarin', '639-3', 'individual'),
    ('cos', 'Corsican', '639-2', 'individual'),
    ('cpp', 'Cabo Verdean', '639-2', 'collective'),
    ('cym', 'Welsh', '639-2', 'individual'),
    ('dan', 'Danish', '639-2', 'individual'),
    ('deu', 'German', '639-2', 'individual'),
    ('dgo', 'Dogri', '639-3', 'individual'),
    ('div', 'Divehi', '639-2', 'individual'),
    ('dsb', 'Lower Sorbian', '639-2', 'individual'),
    ('ell', 'Greek', '639-2', 'individual'),
    ('eng', 'English', '639-2', 'individual'),
    ('est', 'Estonian', '639-2', 'macrolanguage'),
    ('eus', 'Basque', '639-2', 'individual'),
    ('ewe', 'Ewe', '639-2', 'individual'),
    ('fao', 'Faroese', '639-2', 'individual'),
    ('fas', 'Farsi', '639-2', 'macrolanguage'),
    ('fij', 'Fijian', '639-2', 'individual'),
    ('fil', 'Filipino', '639-2', 'individual'),
    ('fin', 'Finnish', '639-2', 'individual'),
    ('fra', 'French', '639-2', 'individual'),
    ('fry', 'Frisian', '639-2', 'individual'),
    ('gla', 'Scots Gaelic', '639-2', 'individual'),
    ('gle', 'Irish', '639-2', 'individual'),
    ('glg', 'Galician', '639-2', 'individual'),
    ('grn', 'Guarani', '639-2', 'macrolanguage'),
    ('guj', 'Gujarati', '639-2', 'individual'),
    ('hat', 'Haitian Creole', '639-2', 'individual'),
    ('hau', 'Hausa', '639-2', 'individual'),
    ('haw', 'Hawaiian', '639-2', 'individual'),
    ('heb', 'Hebrew', '639-2', 'individual'),
    ('hin', 'Hindi', '639-2', 'individual'),
    ('hmn', 'Hmong', '639-2', 'macrolanguage'),
    ('hrv', 'Croatian', '639-2', 'individual'),
    ('hsb', 'Upper Sorbian', '639-2', 'individual'),
    ('hun', 'Hungarian', '639-2', 'individual'),
    ('hye', 'Armenian', '639-2', 'individual'),
    ('ibo', 'Igbo', '639-2', 'individual'),
    ('ikt', 'Inuinnaqtun', '639-3', 'individual'),
    ('iku', 'Inuktitut', '639-2', 'macrolanguage'),
    ('ilo', 'Ilocano', '639-2', 'individual'),
    ('ind', 'Indonesian', '639-2', 'individual'),
    ('isl', 'Icelandic', '639-2', 'individual'),
    ('ita', 'Italian', '639-2', 'individual'),
    ('jav', 'Javanese', '639-2', 'individual'),
    ('jpn', 'Japanese', '639-2', 'individual'),
    ('kan', 'Kannada', '639-2', 'individual'),
    ('kar', 'Karen', '639-2', 'collective'),
    ('kat', 'Georgian', '639-2', 'individual'),
    ('kaz', 'Kazakh', '639-2', 'individual'),
    ('khm', 'Khmer', '639-2', 'individual'),
    ('kin', 'Kinyarwanda', '639-2', 'individual'),
    ('kir', 'Kyrgyz', '639-2', 'individual'),
    ('knn', 'Konkani', '639-3', 'individual'),
    ('kor', 'Korean', '639-2', 'individual'),
    ('kri', 'Krio', '639-3', 'individual'),
    ('kur', 'Kurdish (Kurmanji)', '639-2', 'macrolanguage'),
    ('lao', 'Laotian', '639-2', 'individual'),
    ('lav', 'Latvian', '639-2', 'macrolanguage'),
    ('lin', 'Lingala', '639-2', 'individual'),
    ('lit', 'Lithuanian', '639-2', 'individual'),
    ('ltz', 'Luxembourgish', '639-2', 'individual'),
    ('lug', 'Luganda', '639-2', 'individual'),
    ('lus', 'Mizo', '639-2', 'individual'),
    ('mah', 'Marshallese', '639-2', 'individual'),
    ('mai', 'Maithili', '639-2', 'individual'),
    ('mal', 'Malayalam', '639-2', 'individual'),
    ('mar', 'Marathi', '639-2', 'individual'),
    ('mkd', 'Macedonian', '639-2', 'individual'),
    ('mlg', 'Malagasy', '639-2', 'macrolanguage'),
    ('mlt', 'Maltese', '639-2', 'individual'),
    ('mni', 'Manipuri', '639-2', 'individual'),
    ('mon', 'Mongolian', '639-2', 'macrolanguage'),
    ('mri', 'Maori', '639-2', 'individual'),
    ('msa', 'Malay', '639-2', 'macrolanguage'),
    ('mya', 'Burmese', '639-2', 'individual'),
    ('nep', 'Nepali', '639-2', 'macrolanguage'),
    ('nld', 'Dutch', '639-2', 'individual'),
    ('nob', 'Norwegian', '639-2', 'individual'),
    ('nso', 'Northern Sotho', '639-2', 'individual'),
    ('nya', 'Chichewa', '639-2', 'individual'),
    ('ori', 'Odia', '639-2', 'macrolanguage'),
    ('orm', 'Oromo', '639-2', 'macrolanguage'),
    ('other', 'Other', 'none', 'none'),
    ('otq', 'Queretaro Otomi', '639-3', 'individual'),
    ('pan', 'Punjabi', '639-2', 'individual'),
    ('pol', 'Polish', '639-2', 'individual'),
    ('por', 'Portuguese', '639-2', 'individual'),
    ('prs', 'Dari', '639-3', 'individual'),
    ('pus', 'Pashto', '639-2', 'macrolanguage'),
    ('que', 'Quechua', '639-2', 'macrolanguage'),
    ('ron', 'Romanian', '639-2', 'individual'),
    ('run', 'Kirundi', '639-2', 'individual'),
    ('rus', 'Russian', '639-2', 'individual'),
    ('sin', 'Sinhala', '639-2', 'individual'),
    ('slk', 'Slovak', '639-2', 'individual'),
    ('slv', 'Slovenian', '639-2', 'individual'),
    ('smo', 'Samoan', '639-2', 'individual'),
    ('sna', 'Shona', '639-2', 'individual'),
    ('snd', 'Sindhi', '639-2', 'individual'),
    ('som', 'Somali', '639-2', 'individual'),
    ('sot', 'Sesotho', '639-2', 'individual'),
    ('spa', 'Spanish', '639-2', 'individual'),
    ('sqi', 'Albanian', '639-2', 'macrolanguage'),
    ('srp', 'Serbian', '639-2', 'individual'),
    ('sun', 'Sundanese', '639-2', 'individual'),
    ('swa', 'Swahili', '639-2', 'macrolanguage'),
    ('swe', 'Swedish', '639-2', 'individual'),
    ('tah', 'Tahitian', '639-2', 'individual'),
    ('tam', 'Tamil', '639-2', 'individual'),
    ('tat', 'Tatar', '639-2', 'individual'),
    ('tel', 'Telugu', '639-2', 'individual'),
    ('tgk', 'Tajik', '639-2', 'individual'),
    ('tgl', 'Tagalog', '639-2', 'individual'),
    ('tha', 'Thai', '639-2', 'individual'),
    ('tir', 'Tigrinya', '639-2', 'individual'),
    ('ton', 'Tongan', '639-2', 'individual'),
    ('tsn', 'Setswana', '639-2', 'individual'),
    ('tso', 'Tsonga', '639-2', 'individual'),
    ('tuk', 'Turkmen', '639-2', 'individual'),
    ('tur', 'Turkish', '639-2', 'individual'),
    ('twi', 'Twi', '639-2', 'individual'),
    ('uig', 'Uyghur', '639-2', 'individual'),
    ('ukr', 'Ukrainian', '639-2', 'individual'),
    ('urd', 'Urdu', '639-2', 'individual'),
    ('uzb', 'Uzbek', '639-2', 'macrolanguage'),
    ('vie', 'Vietnamese', '639-2', 'individual'),
    ('xho', 'Xhosa', '639-2', 'individual'),
    ('yid', 'Yiddish', '639-2', 'macrolanguage'),
    ('yor', 'Yoruba', '639-2', 'individual'),
    ('yua', 'Yucatec Maya', '639-3', 'individual'),
    ('yue', 'Cantonese', '639-3', 'individual'),
    ('zho', 'Chinese', '639-2', 'macrolanguage'),
    ('zul', 'Zulu', '639-2', 'individual')
) AS listed("code", "name", "iso_part", "scope");

-- What the macros read: under a name that no other database has, so that they fail there in place of reading its tables.
CREATE OR REPLACE VIEW clever_warehouse_living_heirs AS
FROM (
    SELECT
        legacy_id AS id,
        'current' AS status,
        user_id,
        NULL::VARCHAR[] AS user_ids,
        true AS is_living,
        role,
        district_id,
        NULL::TIMESTAMPTZ AS since,
        source,
        true AS is_legacy_id
    FROM legacy_id_crosswalk
    ANTI JOIN (SELECT id FROM sync.heirs WHERE has_current_link) AS otherwise ON otherwise.id = legacy_id
    WHERE is_current
    UNION ALL
    SELECT id, status, user_id, user_ids, is_living, role, district_id, since, source, is_legacy_id
    FROM sync.heirs
);

-- Who each legacy ID ever seen leads to, one row per legacy ID: for joins, also from another database.
CREATE OR REPLACE VIEW current_user_of_legacy_id AS
SELECT id AS legacy_id, user_id, status, role, district_id, since, user_ids, source
FROM (
    SELECT
        legacy_id AS id,
        'current' AS status,
        user_id,
        NULL::VARCHAR[] AS user_ids,
        true AS is_living,
        role,
        district_id,
        NULL::TIMESTAMPTZ AS since,
        source,
        true AS is_legacy_id
    FROM legacy_id_crosswalk
    ANTI JOIN (SELECT id FROM sync.heirs WHERE has_current_link) AS otherwise ON otherwise.id = legacy_id
    WHERE is_current
    UNION ALL
    SELECT id, status, user_id, user_ids, is_living, role, district_id, since, source, is_legacy_id
    FROM sync.heirs
) AS heirs
WHERE is_legacy_id;

-- How many records of each kind each district had on each day: from the day of the first sync that counted, to that of its last good sync.
-- A day is joined with the counts that held on it, so a query about one day does not go through the others.
CREATE OR REPLACE VIEW sync.daily_counts AS
SELECT
    days.day,
    counts.district_id,
    counts.kind,
    counts.school_id,
    counts.grade,
    counts."count"
FROM sync.counts AS counts
JOIN (
    SELECT district_id, (max(finished_at) AT TIME ZONE 'UTC')::DATE AS last_day
    FROM sync.runs
    WHERE outcome IN ('applied', 'unchanged')
    GROUP BY district_id
) AS known USING (district_id)
JOIN (
    SELECT
        unnest(
            generate_series(
                (SELECT min(first_day) FROM sync.counts)::TIMESTAMP,
                (SELECT max(finished_at) AT TIME ZONE 'UTC' FROM sync.runs WHERE outcome IN ('applied', 'unchanged')),
                INTERVAL 1 DAY
            )
        )::DATE AS day
) AS days ON days.day BETWEEN counts.first_day AND coalesce(counts.last_day, known.last_day);

-- How fresh each district is now: whether our rows are what Clever shows, and whether what Clever shows is what the SIS has.
CREATE OR REPLACE VIEW district_freshness AS
FROM (
    SELECT
        districts.district_id,
        districts.connected,
        syncs.up_to_date_as_of,
        coalesce(syncs.is_up_to_date, false) AS is_up_to_date,
        described.name,
        CASE
            WHEN NOT districts.connected THEN 'disconnected'
            WHEN NOT coalesce(syncs.is_up_to_date, false) OR syncs.up_to_date_as_of < now() - INTERVAL 36 HOURS THEN 'ours_stale'
            WHEN source.is_paused THEN 'paused'
            WHEN source.has_error OR source.is_old THEN 'sis_stale'
            ELSE 'fresh'
        END AS freshness,
        CASE freshness
            WHEN 'ours_stale' THEN CASE WHEN syncs.is_up_to_date THEN 'old' ELSE coalesce(syncs.latest_outcome, 'never_synced') END
            WHEN 'sis_stale' THEN CASE WHEN source.has_error THEN 'error' ELSE 'old' END
            WHEN 'fresh' THEN CASE WHEN source.synced_at IS NULL THEN 'sis_unknown' END
        END AS reason,
        source.synced_at AS sis_synced_at,
        CASE WHEN freshness = 'paused' THEN source.pause_end_at END AS paused_until
    FROM sync.districts AS districts
    LEFT JOIN (
        SELECT
            district_id,
            arg_max(coalesce(read_at, finished_at), sequence) FILTER (outcome IN ('applied', 'unchanged')) AS up_to_date_as_of,
            arg_max(sync_id, sequence) FILTER (mode = 'full' AND outcome IN ('applied', 'unchanged')) AS full_sync_id,
            arg_max(outcome, sequence) AS latest_outcome,
            latest_outcome IN ('applied', 'unchanged') AS is_up_to_date
        FROM sync.runs
        GROUP BY district_id
    ) AS syncs USING (district_id)
    LEFT JOIN districts AS described ON described.district_id = districts.district_id
    LEFT JOIN (
        SELECT
            receipts.district_id,
            receipts.sync_id,
            records.last_sync_at AS synced_at,
            records.pause_end_at,
            CASE
                WHEN records.state = 'paused' THEN coalesce(now() < records.pause_end_at, true)
                ELSE coalesce(now() >= records.pause_start_at AND now() < records.pause_end_at, false)
            END AS is_paused,
            coalesce(records.state = 'error', false) AS has_error,
            coalesce(
                records.last_sync_at < now() - INTERVAL 72 HOURS
                AND coalesce(records.pause_end_at NOT BETWEEN now() - INTERVAL 72 HOURS AND now(), true),
                false
            ) AS is_old
        FROM sync.receipts AS receipts
        JOIN districts AS records USING (district_id)
        WHERE receipts.feed = 'districts' AND receipts.complete
    ) AS source ON source.district_id = districts.district_id AND source.sync_id = syncs.full_sync_id
);

-- Where a district's records differ from Clever's specs, or from what they were: each difference that is counted in sync.fields, each field
-- that the latest applied sync of the district was the first to see, and each field that no record has any longer. What the first sync of
-- a stream sees has not appeared.
CREATE OR REPLACE VIEW sync.drift AS
SELECT
    fields.stream,
    fields.district_id,
    fields.path,
    CASE WHEN kind <> 'known' THEN kind WHEN is_present THEN 'field_appeared' ELSE 'field_withdrawn' END AS kind,
    fields.records,
    fields.example_id,
    fields.is_present,
    fields.first_seen_at,
    fields.last_seen_at
FROM sync.fields AS fields
LEFT JOIN (
    SELECT stream, district_id, min(first_seen_at) AS begun_at
    FROM sync.fields
    WHERE kind = 'known'
    GROUP BY stream, district_id
) AS streams USING (stream, district_id)
LEFT JOIN (
    SELECT district_id, arg_max(started_at, sequence) AS started_at
    FROM sync.runs
    WHERE outcome IN ('applied', 'unchanged')
    GROUP BY district_id
) AS latest USING (district_id)
WHERE
    fields.kind <> 'known'
    OR NOT fields.is_present
    OR (fields.first_seen_at > streams.begun_at AND fields.first_seen_at >= latest.started_at);

-- How many students each school has, one row per school and grade: by primary school, which counts each student once, and by any school.
CREATE OR REPLACE VIEW enrollment_by_grade AS
SELECT
    counts.district_id,
    counts.school_id,
    schools.name AS school_name,
    counts.grade,
    grades.sort_order AS grade_order,
    counts.student_count,
    counts.enrolled_count
FROM (
    SELECT district_id, school_id, grade, sum(student_count)::BIGINT AS student_count, sum(enrolled_count)::BIGINT AS enrolled_count
    FROM (
        SELECT
            district_id,
            school_id,
            grade,
            count(*) AS student_count,
            -- A primary school that is not among the schools is a school of the student, too.
            count(*) FILTER (NOT list_contains(school_ids, school_id)) AS enrolled_count
        FROM students
        GROUP BY district_id, school_id, grade
        UNION ALL
        SELECT district_id, school_id, grade, 0 AS student_count, count(*) AS enrolled_count
        FROM (SELECT district_id, unnest(school_ids) AS school_id, grade FROM students)
        GROUP BY district_id, school_id, grade
    )
    GROUP BY district_id, school_id, grade
) AS counts
LEFT JOIN schools ON schools.district_id = counts.district_id AND schools.school_id = counts.school_id
LEFT JOIN (
    SELECT listed."grade"::VARCHAR AS "grade", listed."sort_order"::BIGINT AS "sort_order", listed."label"::VARCHAR AS "label"
    FROM (VALUES
        ('InfantToddler', 1, 'Infant or toddler'),
        ('Preschool', 2, 'Preschool'),
        ('PreKindergarten', 3, 'Prekindergarten'),
        ('TransitionalKindergarten', 4, 'Transitional kindergarten'),
        ('Kindergarten', 5, 'Kindergarten'),
        ('1', 6, 'Grade 1'),
        ('2', 7, 'Grade 2'),
        ('3', 8, 'Grade 3'),
        ('4', 9, 'Grade 4'),
        ('5', 10, 'Grade 5'),
        ('6', 11, 'Grade 6'),
        ('7', 12, 'Grade 7'),
        ('8', 13, 'Grade 8'),
        ('9', 14, 'Grade 9'),
        ('10', 15, 'Grade 10'),
        ('11', 16, 'Grade 11'),
        ('12', 17, 'Grade 12'),
        ('13', 18, 'Grade 13'),
        ('PostGraduate', 19, 'Postgraduate'),
        ('Ungraded', 20, 'Ungraded'),
        ('Other', 21, 'Other')
    ) AS listed("grade", "sort_order", "label")
) AS grades ON grades.grade = counts.grade;

-- Legacy IDs that only a snapshot has shown which was not applied: with the users at whom it showed them.
CREATE OR REPLACE VIEW held_legacy_ids AS
SELECT
    links.legacy_id,
    list_sort(list(DISTINCT links.user_id)) AS user_ids,
    min(links.district_id) AS district_id,
    bool_and(coalesce(latest.state = 'rejected', false)) AS is_rejected
FROM legacy_id_crosswalk AS links
LEFT JOIN (SELECT district_id, arg_max(state, sequence) AS state FROM sync.holds GROUP BY district_id) AS latest USING (district_id)
WHERE links.source = 'held'
GROUP BY links.legacy_id;

-- Every ID that a user in Clever has or had: the links whose legacy ID and whose v3 ID both lead to that user.
CREATE OR REPLACE VIEW identity_chains AS
SELECT
    user_id,
    user_id AS former_user_id,
    district_id,
    role,
    legacy_id,
    is_current,
    first_seen_at,
    last_seen_at,
    ended_at,
    end_reason
FROM legacy_id_crosswalk
WHERE is_current
UNION ALL
SELECT
    unnest(list_intersect(
        coalesce(of_user.user_ids, [of_user.user_id]),
        coalesce(of_legacy_id.user_ids, [of_legacy_id.user_id])
    )) AS user_id,
    links.user_id AS former_user_id,
    links.district_id,
    links.role,
    links.legacy_id,
    false AS is_current,
    links.first_seen_at,
    links.last_seen_at,
    links.ended_at,
    links.end_reason
FROM (FROM legacy_id_crosswalk WHERE NOT is_current AND source <> 'held') AS links
JOIN (FROM (
    SELECT
        legacy_id AS id,
        'current' AS status,
        user_id,
        NULL::VARCHAR[] AS user_ids,
        true AS is_living,
        role,
        district_id,
        NULL::TIMESTAMPTZ AS since,
        source,
        true AS is_legacy_id
    FROM legacy_id_crosswalk
    ANTI JOIN (SELECT id FROM sync.heirs WHERE has_current_link) AS otherwise ON otherwise.id = legacy_id
    WHERE is_current
    UNION ALL
    SELECT id, status, user_id, user_ids, is_living, role, district_id, since, source, is_legacy_id
    FROM sync.heirs
) WHERE is_living) AS of_user ON of_user.id = links.user_id
JOIN (FROM (
    SELECT
        legacy_id AS id,
        'current' AS status,
        user_id,
        NULL::VARCHAR[] AS user_ids,
        true AS is_living,
        role,
        district_id,
        NULL::TIMESTAMPTZ AS since,
        source,
        true AS is_legacy_id
    FROM legacy_id_crosswalk
    ANTI JOIN (SELECT id FROM sync.heirs WHERE has_current_link) AS otherwise ON otherwise.id = legacy_id
    WHERE is_current
    UNION ALL
    SELECT id, status, user_id, user_ids, is_living, role, district_id, since, source, is_legacy_id
    FROM sync.heirs
) WHERE is_living) AS of_legacy_id ON of_legacy_id.id = links.legacy_id;

-- Users who are gone and whom no ID leads from, each with users who arrived since and are likely the same person: by what Clever is known
-- to do, never as a claim. No other view or macro reads it, and it resolves no ID.
--
-- Two users who were in Clever at the same time are two persons, so the user who arrived was first seen in the district in the sync that
-- archived the other one, or later. An e-mail or sis_id that two users had at the same time, and a name that two of those who left or two
-- of those who arrived in a sync have, say nothing about any of them and are left out.
--
-- - same_sis_id (strong): the same sis_id in the same role.
-- - same_email: strong if both have a role in common, else medium (the role and the ID changed).
-- - returned_after_absence: one of these two after 300 days or more, for which Clever makes a new ID; as strong as the other one.
-- - recreated_contact: a contact of the same name arrived in the sync that archived the other one; strong with the same e-mail, else medium.
-- - changed_sis_id: a student, teacher or staff of the same name and another sis_id arrived in that sync; medium with a school in common,
--   else weak.
CREATE OR REPLACE VIEW likely_same_person AS
WITH archived AS MATERIALIZED (
    SELECT
        district_id,
        user_id,
        roles,
        nullif(lower(trim(email)), '') AS email,
        coalesce(lower(trim(first_name)), '') AS first_name,
        nullif(lower(trim(last_name)), '') AS last_name,
        first_seen_at,
        valid_from AS archived_at
    FROM past.past_users
    ANTI JOIN (SELECT user_id FROM users) AS present USING (user_id)
    WHERE change = 'archived' AND valid_to IS NULL
),

explained AS MATERIALIZED (
    SELECT id AS user_id
    FROM (
    SELECT
        legacy_id AS id,
        'current' AS status,
        user_id,
        NULL::VARCHAR[] AS user_ids,
        true AS is_living,
        role,
        district_id,
        NULL::TIMESTAMPTZ AS since,
        source,
        true AS is_legacy_id
    FROM legacy_id_crosswalk
    ANTI JOIN (SELECT id FROM sync.heirs WHERE has_current_link) AS otherwise ON otherwise.id = legacy_id
    WHERE is_current
    UNION ALL
    SELECT id, status, user_id, user_ids, is_living, role, district_id, since, source, is_legacy_id
    FROM sync.heirs
) AS heirs
    WHERE is_living AND status <> 'unconfirmed' AND id IN (SELECT user_id FROM archived)
),

-- Those whom the crosswalk explains count where it matters who else had an e-mail, a sis_id or a name.
gone AS MATERIALIZED (
    SELECT
        archived.*,
        explained.user_id IS NULL AS is_unexplained,
        coalesce(
            max(archived_at) OVER (of_email ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) > first_seen_at
            OR lead(first_seen_at) OVER of_email < archived_at,
            false
        ) AS has_shared_email
    FROM archived
    LEFT JOIN explained ON explained.user_id = archived.user_id
    WINDOW of_email AS (PARTITION BY district_id, email ORDER BY first_seen_at, archived.user_id)
),

gone_roles AS MATERIALIZED (
    SELECT
        gone.district_id,
        gone.user_id,
        roles.role,
        roles.sis_id,
        roles.school_ids,
        gone.email,
        gone.first_name,
        gone.last_name,
        gone.archived_at,
        gone.is_unexplained,
        gone.has_shared_email,
        roles.valid_from = gone.archived_at AS is_of_last_sync,
        coalesce(
            max(roles.valid_from) OVER (of_sis_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) > roles.first_seen_at
            OR lead(roles.first_seen_at) OVER of_sis_id < roles.valid_from,
            false
        ) AS has_shared_sis_id
    FROM past.past_user_roles AS roles
    JOIN gone ON gone.district_id = roles.district_id AND gone.user_id = roles.user_id
    WHERE roles.change = 'archived' AND roles.valid_to IS NULL
    WINDOW of_sis_id AS (PARTITION BY roles.district_id, roles.role, roles.sis_id ORDER BY roles.first_seen_at, roles.user_id)
),

arrived AS MATERIALIZED (
    SELECT
        users.district_id,
        users.user_id,
        users.roles,
        nullif(lower(trim(users.email)), '') AS email,
        coalesce(lower(trim(users.first_name)), '') AS first_name,
        nullif(lower(trim(users.last_name)), '') AS last_name,
        users.first_seen_at
    FROM users
    JOIN (SELECT district_id, min(archived_at) AS since FROM gone WHERE is_unexplained GROUP BY district_id) AS earliest ON
        earliest.district_id = users.district_id
    WHERE users.first_seen_at >= earliest.since
),

-- E-mails of users who are gone that exactly one user has now.
own_emails AS (
    SELECT district_id, email
    FROM (SELECT district_id, lower(trim(email)) AS email FROM users)
    SEMI JOIN (SELECT district_id, email FROM gone WHERE is_unexplained AND NOT has_shared_email) AS former USING (district_id, email)
    GROUP BY district_id, email
    HAVING count(*) = 1
),

of_email AS MATERIALIZED (
    SELECT gone.district_id, gone.user_id AS former_user_id, arrived.user_id, list_has_any(gone.roles, arrived.roles) AS has_same_role
    FROM gone
    JOIN own_emails ON own_emails.district_id = gone.district_id AND own_emails.email = gone.email
    JOIN arrived ON arrived.district_id = gone.district_id AND arrived.email = gone.email
    WHERE gone.is_unexplained AND NOT gone.has_shared_email AND arrived.first_seen_at >= gone.archived_at
),

-- sis_ids of users who are gone that exactly one user has now in the role.
own_sis_ids AS (
    SELECT district_id, role, sis_id, min(user_id) AS user_id
    FROM user_roles
    SEMI JOIN (
        SELECT district_id, role, sis_id FROM gone_roles WHERE is_unexplained AND NOT has_shared_sis_id
    ) AS former USING (district_id, role, sis_id)
    GROUP BY district_id, role, sis_id
    HAVING count(*) = 1
),

of_sis_id AS (
    SELECT gone_roles.district_id, gone_roles.user_id AS former_user_id, arrived.user_id
    FROM gone_roles
    JOIN own_sis_ids ON
        own_sis_ids.district_id = gone_roles.district_id
        AND own_sis_ids.role = gone_roles.role
        AND own_sis_ids.sis_id = gone_roles.sis_id
    JOIN arrived ON arrived.district_id = own_sis_ids.district_id AND arrived.user_id = own_sis_ids.user_id
    WHERE gone_roles.is_unexplained AND NOT gone_roles.has_shared_sis_id AND arrived.first_seen_at >= gone_roles.archived_at
),

-- Names that exactly one user has of those who left in a role and sync, and exactly one of those who arrived in it.
left_with_name AS (
    FROM gone_roles
    WHERE is_of_last_sync AND last_name IS NOT NULL AND (first_name <> '' OR role = 'contact')
    QUALIFY count(*) OVER (PARTITION BY district_id, role, archived_at, last_name, first_name) = 1
),

arrived_with_name AS (
    SELECT
        arrived.district_id,
        arrived.user_id,
        roles.role,
        roles.sis_id,
        roles.school_ids,
        arrived.first_name,
        arrived.last_name,
        arrived.first_seen_at
    FROM arrived
    JOIN user_roles AS roles ON roles.district_id = arrived.district_id AND roles.user_id = arrived.user_id
    QUALIFY
        count(*) OVER (PARTITION BY arrived.district_id, roles.role, arrived.first_seen_at, arrived.last_name, arrived.first_name) = 1
),

of_name AS (
    SELECT
        former.district_id,
        former.user_id AS former_user_id,
        present.user_id,
        former.role,
        former.sis_id <> present.sis_id AS has_another_sis_id,
        list_has_any(former.school_ids, present.school_ids) AS has_same_school,
        of_email.user_id IS NOT NULL AS has_same_email
    FROM left_with_name AS former
    JOIN arrived_with_name AS present ON
        present.district_id = former.district_id
        AND present.role = former.role
        AND present.first_seen_at = former.archived_at
        AND present.last_name = former.last_name
        AND present.first_name = former.first_name
    LEFT JOIN of_email ON
        of_email.district_id = former.district_id
        AND of_email.former_user_id = former.user_id
        AND of_email.user_id = present.user_id
    WHERE former.is_unexplained
),

-- strength: 3 is strong, 2 medium, 1 weak
evidence AS MATERIALIZED (
    SELECT district_id, former_user_id, user_id, 'same_sis_id' AS reason, 3 AS strength FROM of_sis_id
    UNION ALL
    SELECT district_id, former_user_id, user_id, 'same_email', CASE WHEN has_same_role THEN 3 ELSE 2 END FROM of_email
    UNION ALL
    SELECT district_id, former_user_id, user_id, 'recreated_contact', CASE WHEN has_same_email THEN 3 ELSE 2 END
    FROM of_name
    WHERE role = 'contact'
    UNION ALL
    SELECT district_id, former_user_id, user_id, 'changed_sis_id', CASE WHEN has_same_school THEN 2 ELSE 1 END
    FROM of_name
    WHERE role IN ('staff', 'student', 'teacher') AND has_another_sis_id
),

pairs AS (
    SELECT
        evidence.district_id,
        evidence.former_user_id,
        evidence.user_id,
        evidence.reason,
        evidence.strength,
        gone.roles AS former_roles,
        arrived.roles,
        gone.archived_at AS former_last_seen_at,
        arrived.first_seen_at,
        -- as a difference of numbers, because the days of an interval depend on the session's time zone
        (epoch_us(arrived.first_seen_at) - epoch_us(gone.archived_at)) // 86400000000 AS days_between
    FROM evidence
    JOIN gone ON gone.district_id = evidence.district_id AND gone.user_id = evidence.former_user_id
    JOIN arrived ON arrived.district_id = evidence.district_id AND arrived.user_id = evidence.user_id
)

SELECT
    district_id,
    former_user_id,
    user_id,
    arg_max(
        reason,
        10 * strength
        - list_position(['same_sis_id', 'returned_after_absence', 'same_email', 'recreated_contact', 'changed_sis_id'], reason)
    ) AS reason,
    list_sort(list(DISTINCT reason)) AS reasons,
    ['weak', 'medium', 'strong'][max(strength)] AS strength,
    any_value(former_roles) AS former_roles,
    any_value(roles) AS roles,
    any_value(former_last_seen_at) AS former_last_seen_at,
    any_value(first_seen_at) AS first_seen_at,
    any_value(days_between) AS days_between
FROM (
    FROM pairs
    UNION ALL
    SELECT * REPLACE ('returned_after_absence' AS reason)
    FROM pairs
    WHERE days_between >= 300 AND reason IN ('same_email', 'same_sis_id')
)
GROUP BY district_id, former_user_id, user_id;

-- Who each ID ever seen leads to, legacy or v3, one row per ID.
CREATE OR REPLACE VIEW living_heirs AS
FROM (
    SELECT
        legacy_id AS id,
        'current' AS status,
        user_id,
        NULL::VARCHAR[] AS user_ids,
        true AS is_living,
        role,
        district_id,
        NULL::TIMESTAMPTZ AS since,
        source,
        true AS is_legacy_id
    FROM legacy_id_crosswalk
    ANTI JOIN (SELECT id FROM sync.heirs WHERE has_current_link) AS otherwise ON otherwise.id = legacy_id
    WHERE is_current
    UNION ALL
    SELECT id, status, user_id, user_ids, is_living, role, district_id, since, source, is_legacy_id
    FROM sync.heirs
);

-- Issues that district staff can fix: each open data-quality finding with the rule and the person it is about.
CREATE OR REPLACE VIEW open_findings AS
SELECT
    findings.district_id,
    findings.severity,
    findings."check",
    checks.description,
    findings.record_id,
    findings.related_id,
    users.first_name,
    users.last_name,
    users.email,
    users.roles,
    roles.sis_ids,
    findings.first_seen_at,
    findings.last_seen_at
FROM sync.findings AS findings
LEFT JOIN sync.checks AS checks USING ("check")
LEFT JOIN users ON users.district_id = findings.district_id AND users.user_id = findings.record_id
LEFT JOIN (
    SELECT district_id, user_id, list_sort(list_distinct(list(sis_id) FILTER (sis_id IS NOT NULL))) AS sis_ids
    FROM user_roles
    GROUP BY district_id, user_id
) AS roles ON roles.district_id = findings.district_id AND roles.user_id = findings.record_id
WHERE findings.resolved_at IS NULL;

-- Who is in each section, one row per section and student, with course, term, school and the teacher of record: the primary teacher, else
-- the only one, else none. Sections are joined with what belongs to them before the members, who are twenty times as many.
CREATE OR REPLACE VIEW section_rosters AS
SELECT
    members.district_id,
    members.section_id,
    classes.section_name,
    classes.period,
    classes.subject,
    classes.course_id,
    classes.course_name,
    classes.course_number,
    classes.term_id,
    classes.term_name,
    classes.is_in_progress,
    classes.school_id,
    classes.school_name,
    classes.teacher_id,
    classes.teacher_first_name,
    classes.teacher_last_name,
    classes.teacher_count,
    members.student_id,
    people.first_name AS student_first_name,
    people.last_name AS student_last_name,
    people.grade AS student_grade,
    classes.school_id <> people.school_id AS is_cross_school
FROM section_students AS members
LEFT JOIN (
    SELECT
        sections.district_id,
        sections.section_id,
        sections.name AS section_name,
        sections.period,
        sections.subject,
        sections.course_id,
        courses.name AS course_name,
        courses.number AS course_number,
        sections.term_id,
        terms.name AS term_name,
        terms.is_in_progress,
        sections.school_id,
        schools.name AS school_name,
        taught.teacher_id,
        users.first_name AS teacher_first_name,
        users.last_name AS teacher_last_name,
        coalesce(taught.teacher_count, 0) AS teacher_count
    FROM sections
    LEFT JOIN courses ON courses.district_id = sections.district_id AND courses.course_id = sections.course_id
    LEFT JOIN (
    SELECT
        district_id,
        term_id,
        name,
        CASE
            WHEN
                coalesce(start_date, end_date) IS NOT NULL
                AND coalesce(json_extract(extra, '$.start_date'), json_extract(extra, '$.end_date')) IS NULL
                THEN coalesce(start_date, current_date) <= current_date AND current_date <= coalesce(end_date, current_date)
        END AS is_in_progress
    FROM terms
) AS terms ON terms.district_id = sections.district_id AND terms.term_id = sections.term_id
    LEFT JOIN schools ON schools.district_id = sections.district_id AND schools.school_id = sections.school_id
    LEFT JOIN (
        SELECT
            district_id,
            section_id,
            count(*) AS teacher_count,
            coalesce(min(teacher_id) FILTER (is_primary), CASE WHEN count(*) = 1 THEN min(teacher_id) END) AS teacher_id
        FROM section_teachers
        GROUP BY district_id, section_id
    ) AS taught ON taught.district_id = sections.district_id AND taught.section_id = sections.section_id
    LEFT JOIN users ON users.district_id = taught.district_id AND users.user_id = taught.teacher_id
) AS classes ON classes.district_id = members.district_id AND classes.section_id = members.section_id
LEFT JOIN (
    SELECT students.district_id, students.user_id AS student_id, users.first_name, users.last_name, students.grade, students.school_id
    FROM students
    LEFT JOIN users ON users.district_id = students.district_id AND users.user_id = students.user_id
) AS people ON people.district_id = members.district_id AND people.student_id = members.student_id;

-- The employees of a district, one row per user with the role teacher, staff or district_admin: titles and schools of all their roles
-- together. Users with the same e-mail stay apart, as Clever has them.
CREATE OR REPLACE VIEW staff_directory AS
SELECT
    users.district_id,
    users.user_id,
    users.first_name,
    users.last_name,
    users.email,
    users.roles,
    coalesce(staff.title, teachers.title, district_admins.title) AS title,
    staff.department,
    teachers.school_id,
    coalesce(places.school_ids, []) AS school_ids,
    coalesce(places.school_names, []) AS school_names,
    coalesce(taught.section_count, 0) AS section_count
FROM users
LEFT JOIN teachers ON teachers.district_id = users.district_id AND teachers.user_id = users.user_id
LEFT JOIN staff ON staff.district_id = users.district_id AND staff.user_id = users.user_id
LEFT JOIN district_admins ON district_admins.district_id = users.district_id AND district_admins.user_id = users.user_id
LEFT JOIN (
    SELECT
        listed.district_id,
        listed.user_id,
        list(listed.school_id ORDER BY listed.school_id) AS school_ids,
        list(schools.name ORDER BY listed.school_id) AS school_names
    FROM (
        SELECT district_id, user_id, unnest(school_ids) AS school_id FROM teachers
        UNION
        SELECT district_id, user_id, unnest(school_ids) FROM staff
    ) AS listed
    LEFT JOIN schools ON schools.district_id = listed.district_id AND schools.school_id = listed.school_id
    GROUP BY listed.district_id, listed.user_id
) AS places ON places.district_id = users.district_id AND places.user_id = users.user_id
LEFT JOIN (
    SELECT district_id, teacher_id, count(*) AS section_count
    FROM section_teachers
    GROUP BY district_id, teacher_id
) AS taught ON taught.district_id = users.district_id AND taught.teacher_id = users.user_id
WHERE coalesce(teachers.user_id, staff.user_id, district_admins.user_id) IS NOT NULL;

-- Whom to reach about each student, one row per student and contact, whatever the number of relationships between them. A relationship
-- that names no student is left out.
CREATE OR REPLACE VIEW student_contacts AS
SELECT
    links.district_id,
    links.student_id,
    people.first_name AS student_first_name,
    people.last_name AS student_last_name,
    students.school_id,
    schools.name AS school_name,
    links.contact_id,
    others.first_name AS contact_first_name,
    others.middle_name AS contact_middle_name,
    others.last_name AS contact_last_name,
    links.relationship,
    links."type",
    contacts.phone,
    contacts.phone_type,
    others.email
FROM (
    SELECT
        district_id,
        student_id,
        contact_id,
        string_agg(DISTINCT relationship, ', ' ORDER BY relationship) AS relationship,
        string_agg(DISTINCT "type", ', ' ORDER BY "type") AS "type"
    FROM contact_students
    WHERE student_id IS NOT NULL
    GROUP BY district_id, student_id, contact_id
) AS links
LEFT JOIN students ON students.district_id = links.district_id AND students.user_id = links.student_id
LEFT JOIN users AS people ON people.district_id = students.district_id AND people.user_id = students.user_id
LEFT JOIN schools ON schools.district_id = students.district_id AND schools.school_id = students.school_id
LEFT JOIN contacts ON contacts.district_id = links.district_id AND contacts.user_id = links.contact_id
LEFT JOIN users AS others ON others.district_id = links.district_id AND others.user_id = links.contact_id;

-- Each student with the primary school and the counts that are asked for most, one row per student. Memberships and contacts are counted
-- once per table, for all students, and then joined.
CREATE OR REPLACE VIEW student_roster AS
SELECT
    students.district_id,
    students.user_id AS student_id,
    users.first_name,
    users.middle_name,
    users.last_name,
    users.email,
    students.sis_id,
    students.grade,
    grades.sort_order AS grade_order,
    students.school_id,
    schools.name AS school_name,
    -- A primary school that is not among the schools is a school of the student, too.
    len(students.school_ids)
    + (students.school_id IS NOT NULL AND NOT list_contains(students.school_ids, students.school_id))::BIGINT AS school_count,
    coalesce(memberships.section_count, 0) AS section_count,
    coalesce(memberships.current_section_count, 0) AS current_section_count,
    coalesce(links.contact_count, 0) AS contact_count
FROM students
LEFT JOIN users ON users.district_id = students.district_id AND users.user_id = students.user_id
LEFT JOIN schools ON schools.district_id = students.district_id AND schools.school_id = students.school_id
LEFT JOIN (
    SELECT listed."grade"::VARCHAR AS "grade", listed."sort_order"::BIGINT AS "sort_order", listed."label"::VARCHAR AS "label"
    FROM (VALUES
        ('InfantToddler', 1, 'Infant or toddler'),
        ('Preschool', 2, 'Preschool'),
        ('PreKindergarten', 3, 'Prekindergarten'),
        ('TransitionalKindergarten', 4, 'Transitional kindergarten'),
        ('Kindergarten', 5, 'Kindergarten'),
        ('1', 6, 'Grade 1'),
        ('2', 7, 'Grade 2'),
        ('3', 8, 'Grade 3'),
        ('4', 9, 'Grade 4'),
        ('5', 10, 'Grade 5'),
        ('6', 11, 'Grade 6'),
        ('7', 12, 'Grade 7'),
        ('8', 13, 'Grade 8'),
        ('9', 14, 'Grade 9'),
        ('10', 15, 'Grade 10'),
        ('11', 16, 'Grade 11'),
        ('12', 17, 'Grade 12'),
        ('13', 18, 'Grade 13'),
        ('PostGraduate', 19, 'Postgraduate'),
        ('Ungraded', 20, 'Ungraded'),
        ('Other', 21, 'Other')
    ) AS listed("grade", "sort_order", "label")
) AS grades ON grades.grade = students.grade
LEFT JOIN (
    SELECT
        members.district_id,
        members.student_id,
        count(*) AS section_count,
        count(*) FILTER (idle.section_id IS NULL) AS current_section_count
    FROM section_students AS members
    LEFT JOIN (
        SELECT sections.district_id, sections.section_id
        FROM sections
        JOIN (
    SELECT
        district_id,
        term_id,
        name,
        CASE
            WHEN
                coalesce(start_date, end_date) IS NOT NULL
                AND coalesce(json_extract(extra, '$.start_date'), json_extract(extra, '$.end_date')) IS NULL
                THEN coalesce(start_date, current_date) <= current_date AND current_date <= coalesce(end_date, current_date)
        END AS is_in_progress
    FROM terms
) AS terms ON terms.district_id = sections.district_id AND terms.term_id = sections.term_id
        WHERE NOT terms.is_in_progress
    ) AS idle ON idle.district_id = members.district_id AND idle.section_id = members.section_id
    GROUP BY members.district_id, members.student_id
) AS memberships ON memberships.district_id = students.district_id AND memberships.student_id = students.user_id
LEFT JOIN (
    SELECT district_id, student_id, count(DISTINCT contact_id) AS contact_count
    FROM contact_students
    GROUP BY district_id, student_id
) AS links ON links.district_id = students.district_id AND links.student_id = students.user_id;

-- The rows of users as they were at an instant: FROM users_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO users_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_users_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of user_roles as they were at an instant: FROM user_roles_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO user_roles_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_user_roles_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of students as they were at an instant: FROM students_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO students_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_students_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of student_enrollments as they were at an instant: FROM student_enrollments_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO student_enrollments_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_student_enrollments_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of teachers as they were at an instant: FROM teachers_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO teachers_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_teachers_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of staff as they were at an instant: FROM staff_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO staff_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_staff_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of district_admins as they were at an instant: FROM district_admins_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO district_admins_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_district_admins_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of contacts as they were at an instant: FROM contacts_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO contacts_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_contacts_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of contact_students as they were at an instant: FROM contact_students_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO contact_students_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_contact_students_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of districts as they were at an instant: FROM districts_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO districts_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_districts_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of schools as they were at an instant: FROM schools_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO schools_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_schools_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of courses as they were at an instant: FROM courses_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO courses_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_courses_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of terms as they were at an instant: FROM terms_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO terms_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_terms_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of sections as they were at an instant: FROM sections_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO sections_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_sections_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of section_students as they were at an instant: FROM section_students_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO section_students_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_section_students_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of section_teachers as they were at an instant: FROM section_teachers_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO section_teachers_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_section_teachers_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of resources as they were at an instant: FROM resources_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO resources_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_resources_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of resource_courses as they were at an instant: FROM resource_courses_as_of('2026-09-01 00:00:00+00').
-- A date, or a time without an offset, is read in the time zone of your session; '2026-09-01 00:00:00 America/Chicago' names one.
-- A version from the future was written while a clock was ahead, and counts as one of now: as of now() gives what the table has.
-- The rows are those of the history in this file: after a rollback, what was published before it may differ (sync.rollbacks).
CREATE OR REPLACE MACRO resource_courses_as_of(instant) AS TABLE
SELECT versions.* EXCLUDE (valid_from, valid_to, change)
-- IS NULL is for IMPORT DATABASE, as in v3_user_id_as_of.
FROM (SELECT instant IS NULL AS is_missing) AS asked
CROSS JOIN clever_warehouse_resource_courses_versions AS versions
WHERE
    NOT asked.is_missing
    AND versions.change <> 'archived'
    AND least(versions.valid_from, now()) <= instant::TIMESTAMPTZ
    AND (versions.valid_to IS NULL OR least(versions.valid_to, now()) > instant::TIMESTAMPTZ);

-- The rows of a table of yours that are one person with other rows, with its columns: FROM account_merge_list('accounts', 'clever_id').
-- Per person (user_id) the account to keep is step 1; the others are merged into it. First comes the person's own v3 ID, then current
-- legacy IDs, then former ones, those that were in use last first.
CREATE OR REPLACE MACRO account_merge_list(table_name, column_name) AS TABLE
SELECT
    clever_warehouse_account.*,
    user_id,
    status,
    row_number() OVER person AS step,
    CASE WHEN row_number() OVER person = 1 THEN 'keep' ELSE 'merge' END AS action
FROM (
    SELECT asked.*, heirs.user_id, heirs.status, heirs.since
    FROM (
        SELECT clever_warehouse_account, clean_id(COLUMNS([column_name])::VARCHAR) AS legacy_id
        FROM query_table(table_name) AS clever_warehouse_account
    ) AS asked
    JOIN clever_warehouse_living_heirs AS heirs ON heirs.id = asked.legacy_id
    WHERE heirs.user_id IS NOT NULL
    QUALIFY count(*) OVER (PARTITION BY heirs.user_id) > 1
)
WINDOW person AS (
    PARTITION BY user_id
    ORDER BY
        legacy_id = user_id DESC,
        (status = 'current' AND since IS NULL) DESC,
        coalesce(since, TIMESTAMPTZ '1970-01-01 00:00:00+00') DESC,
        legacy_id,
        clever_warehouse_account
)
ORDER BY user_id, step;

-- The Clever ID that a text holds, as people and spreadsheets write it: in capitals, between quotes, behind an apostrophe, as ="...",
-- as ObjectId("..."), with blanks or invisible characters. Of a text that holds no ID: itself in lower case, without blanks around it.
CREATE OR REPLACE MACRO clean_id(written) AS (
    CASE
        WHEN regexp_full_match(written, '[0-9a-f]{24}') THEN written
        ELSE coalesce(
            nullif(
                regexp_extract(
                    regexp_replace(lower(written), '[\p{Z}\p{C}\p{M}\x{115F}\x{1160}\x{2800}\x{3164}\x{FFA0}]+', '', 'g'),
                    '^[^0-9a-z]*(?:objectid|oid)?[^0-9a-z]*([0-9a-f]{24})[^0-9a-z]*$',
                    1
                ),
                ''
            ),
            regexp_replace(lower(written), '^[\p{Z}\p{C}]+|[\p{Z}\p{C}]+$', '', 'g')
        )
    END
);

-- Who the IDs in a column of a table of yours lead to, one row per ID: FROM resolve_legacy_ids('my_table', 'clever_id').
-- The IDs may be legacy or v3 IDs. The table may be in any attached database: 'memory.main.my_table'.
-- status is current, inherited, ambiguous, gone, unconfirmed, newer, never_seen or not_an_id; reason says more, as of now.
CREATE OR REPLACE MACRO resolve_legacy_ids(table_name, column_name) AS TABLE
WITH asked AS (
    SELECT asked_id, clean_id(asked_id) AS legacy_id
    FROM (SELECT DISTINCT COLUMNS([column_name])::VARCHAR AS asked_id FROM query_table(table_name))
),

answers AS MATERIALIZED (
    SELECT asked.*, heirs.* EXCLUDE (id)
    FROM asked
    LEFT JOIN clever_warehouse_living_heirs AS heirs ON heirs.id = asked.legacy_id
),

-- IDs that no link or user explains
unknown AS (
    SELECT
        asked_id,
        legacy_id,
        CASE
            WHEN regexp_full_match(legacy_id, '[0-9a-f]{24}') THEN to_timestamp(try_cast('0x' || legacy_id[:8] AS BIGINT))
        END AS made_at
    FROM answers
    WHERE status IS NULL AND legacy_id <> ''
),

districts AS (
    SELECT
        max(up_to_date_as_of) AS latest_sync,
        min(up_to_date_as_of) FILTER (connected) AS earliest_sync,
        bool_or(connected AND NOT is_up_to_date AND up_to_date_as_of IS NOT NULL) AS is_late
    FROM district_freshness
),

former AS (
    FROM answers
    WHERE status = 'current' AND since IS NOT NULL
),

answered AS (
    SELECT *, NULL AS told_reason
    FROM answers
    WHERE status IS NOT NULL AND (status <> 'current' OR since IS NULL)
    UNION ALL BY NAME
    -- IDs of users in Clever who no longer have them, by the roles that the users have now
    SELECT
        former.*,
        CASE
            WHEN roles.has_legacy_id THEN 'legacy_id_replaced'
            WHEN roles.user_id IS NOT NULL THEN 'legacy_id_removed'
            ELSE 'role_removed'
        END AS told_reason
    FROM former
    LEFT JOIN (
        SELECT user_id, role, bool_or(legacy_id IS NOT NULL) AS has_legacy_id
        FROM user_roles
        SEMI JOIN former USING (user_id)
        GROUP BY user_id, role
    ) AS roles ON roles.user_id = former.user_id AND roles.role = former.role
    UNION ALL BY NAME
    SELECT
        unknown.asked_id,
        unknown.legacy_id,
        held.user_ids,
        CASE
            WHEN unknown.made_at IS NULL THEN 'malformed'
            WHEN held.is_rejected THEN 'rejected'
            WHEN held.legacy_id IS NOT NULL THEN 'held'
            WHEN unknown.legacy_id IN (SELECT legacy_id FROM sync.unexplained_legacy_ids WHERE resolved_at IS NULL) THEN 'only_in_v2.1'
            WHEN districts.latest_sync IS NULL THEN 'nothing_synced'
            WHEN unknown.made_at > least(districts.earliest_sync, now()) THEN 'made_after_the_last_sync'
            WHEN districts.is_late THEN 'not_up_to_date'
            ELSE 'never_seen'
        END AS told_reason
    FROM unknown
    LEFT JOIN held_legacy_ids AS held USING (legacy_id)
    CROSS JOIN districts
)

SELECT
    asked_id,
    legacy_id,
    user_id,
    role,
    district_id,
    CASE
        WHEN status IS NOT NULL THEN status
        WHEN told_reason = 'malformed' THEN 'not_an_id'
        WHEN told_reason IN ('held', 'rejected', 'made_after_the_last_sync', 'not_up_to_date') THEN 'newer'
        ELSE 'never_seen'
    END AS status,
    since,
    CASE
        WHEN told_reason IS NOT NULL THEN told_reason
        -- of students, who kept their IDs, it is a legacy ID, too
        WHEN status = 'current' AND legacy_id = user_id THEN 'is_a_v3_id'
        WHEN status = 'current' THEN NULL
        WHEN status = 'unconfirmed' THEN source
        WHEN status = 'ambiguous' AND source NOT IN ('api', 'event') THEN 'told_differently'
        WHEN status = 'ambiguous' AND is_living THEN 'several_current_users'
        WHEN status = 'ambiguous' THEN 'several_last_users'
        WHEN status = 'gone' THEN 'archived'
        WHEN is_legacy_id THEN 'through_gone_users'
        ELSE 'former_v3_id'
    END AS reason,
    user_ids
FROM answered;

-- The v3 ID that an ID, legacy or v3, leads to: of a user in Clever, else of the user who is gone and held it last, else one that only
-- a migration CSV has, else NULL. NULL also if these are several users: resolve_legacy_ids names them.
CREATE OR REPLACE MACRO v3_user_id(legacy) AS (
    -- asked first, so that DuckDB binds the rest when the macro is called: IMPORT DATABASE creates macros before views
    CASE
        WHEN legacy IS NOT NULL
            THEN (SELECT heirs.user_id FROM clever_warehouse_living_heirs AS heirs WHERE heirs.id = clean_id(legacy))
    END
);

-- The v3 ID that a legacy ID had at an instant, else the one it had last before: v3_user_id_as_of('...', '2026-09-01 00:00:00+00').
-- NULL if these are several users, or if no sync had shown the ID by then. A v3 ID that a sync had shown by then gives itself.
-- The instant is read as in users_as_of. The answer is that of the history in this file: sync.rollbacks lists what may differ.
CREATE OR REPLACE MACRO v3_user_id_as_of(legacy, instant) AS (
    -- EXPORT DATABASE writes macros before views, and DuckDB binds a macro when it is created, up to the first expression whose type
    -- is that of a parameter. IS NOT NULL is such an expression: so IMPORT DATABASE can create this macro before the view it reads.
    CASE
        WHEN legacy IS NOT NULL THEN nullif(
            coalesce(
                (
                    SELECT
                        -- The last and the first of the users who held it longest: the same if there is only one.
                        CASE arg_max(held.user_id, {'until': held.until, 'user_id': held.user_id})
                            = arg_min(held.user_id, {'until': -held.until, 'user_id': held.user_id})
                            WHEN true THEN arg_max(held.user_id, held.until)
                            WHEN false THEN ''
                        END
                    FROM (
                        SELECT
                            roles.legacy_id,
                            roles.user_id,
                            CASE
                                WHEN roles.valid_to IS NULL OR least(roles.valid_to, now()) > instant::TIMESTAMPTZ
                                    THEN 9000000000000000000
                                ELSE epoch_us(roles.valid_to)
                            END AS until
                        FROM clever_warehouse_user_roles_versions AS roles
                        WHERE roles.change <> 'archived' AND least(roles.valid_from, now()) <= instant::TIMESTAMPTZ
                    ) AS held
                    WHERE held.legacy_id = clean_id(legacy)
                ),
                (
                    SELECT any_value(people.user_id)
                    FROM clever_warehouse_users_versions AS people
                    WHERE people.user_id = clean_id(legacy) AND least(people.valid_from, now()) <= instant::TIMESTAMPTZ
                )
            ),
            ''
        )
    END
);

COMMENT ON TABLE main.users IS 'One row per district and person currently in Clever.';

COMMENT ON COLUMN main.users.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.users.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.users.email IS 'E-mail as the district gave it: not verified, may be missing, may lack an @.';

COMMENT ON COLUMN main.users.first_name IS 'First name; contacts often have none.';

COMMENT ON COLUMN main.users.middle_name IS 'Middle name; NULL if not sent.';

COMMENT ON COLUMN main.users.last_name IS 'Last name; of a contact often the whole name.';

COMMENT ON COLUMN main.users.roles IS 'The roles the person has, sorted; empty if Clever shows none that is known.';

COMMENT ON COLUMN main.users.synced_in_lms IS 'Whether Clever has synced the user to the district''s learning management system (LMS); NULL means not sent, which is not false.';

COMMENT ON COLUMN main.users.created_at IS 'When Clever created the user.';

COMMENT ON COLUMN main.users.last_modified_at IS 'When Clever last changed the user. A change of this alone makes no version.';

COMMENT ON COLUMN main.users.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.users.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.users.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.users.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_users IS 'The ended versions of the rows of users, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_users.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN past.past_users.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_users.email IS 'E-mail as the district gave it: not verified, may be missing, may lack an @.';

COMMENT ON COLUMN past.past_users.first_name IS 'First name; contacts often have none.';

COMMENT ON COLUMN past.past_users.middle_name IS 'Middle name; NULL if not sent.';

COMMENT ON COLUMN past.past_users.last_name IS 'Last name; of a contact often the whole name.';

COMMENT ON COLUMN past.past_users.roles IS 'The roles the person has, sorted; empty if Clever shows none that is known.';

COMMENT ON COLUMN past.past_users.synced_in_lms IS 'Whether Clever has synced the user to the district''s learning management system (LMS); NULL means not sent, which is not false.';

COMMENT ON COLUMN past.past_users.created_at IS 'When Clever created the user.';

COMMENT ON COLUMN past.past_users.last_modified_at IS 'When Clever last changed the user. A change of this alone makes no version.';

COMMENT ON COLUMN past.past_users.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_users.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN past.past_users.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_users.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_users.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.users_history IS 'Every version of every row of users.';

COMMENT ON COLUMN main.users_history.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.users_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.users_history.email IS 'E-mail as the district gave it: not verified, may be missing, may lack an @.';

COMMENT ON COLUMN main.users_history.first_name IS 'First name; contacts often have none.';

COMMENT ON COLUMN main.users_history.middle_name IS 'Middle name; NULL if not sent.';

COMMENT ON COLUMN main.users_history.last_name IS 'Last name; of a contact often the whole name.';

COMMENT ON COLUMN main.users_history.roles IS 'The roles the person has, sorted; empty if Clever shows none that is known.';

COMMENT ON COLUMN main.users_history.synced_in_lms IS 'Whether Clever has synced the user to the district''s learning management system (LMS); NULL means not sent, which is not false.';

COMMENT ON COLUMN main.users_history.created_at IS 'When Clever created the user.';

COMMENT ON COLUMN main.users_history.last_modified_at IS 'When Clever last changed the user. A change of this alone makes no version.';

COMMENT ON COLUMN main.users_history.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.users_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.users_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.users_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.users_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_users_versions IS 'The rows of users_history, under a name that no other database has: macros read it. Query users_history instead.';

COMMENT ON COLUMN main.clever_warehouse_users_versions.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.clever_warehouse_users_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_users_versions.email IS 'E-mail as the district gave it: not verified, may be missing, may lack an @.';

COMMENT ON COLUMN main.clever_warehouse_users_versions.first_name IS 'First name; contacts often have none.';

COMMENT ON COLUMN main.clever_warehouse_users_versions.middle_name IS 'Middle name; NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_users_versions.last_name IS 'Last name; of a contact often the whole name.';

COMMENT ON COLUMN main.clever_warehouse_users_versions.roles IS 'The roles the person has, sorted; empty if Clever shows none that is known.';

COMMENT ON COLUMN main.clever_warehouse_users_versions.synced_in_lms IS 'Whether Clever has synced the user to the district''s learning management system (LMS); NULL means not sent, which is not false.';

COMMENT ON COLUMN main.clever_warehouse_users_versions.created_at IS 'When Clever created the user.';

COMMENT ON COLUMN main.clever_warehouse_users_versions.last_modified_at IS 'When Clever last changed the user. A change of this alone makes no version.';

COMMENT ON COLUMN main.clever_warehouse_users_versions.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_users_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_users_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_users_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_users_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE main.user_roles IS 'One row per district, person and role the person currently has.';

COMMENT ON COLUMN main.user_roles.user_id IS 'Clever v3 ID of the person (the user).';

COMMENT ON COLUMN main.user_roles.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN main.user_roles.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.user_roles.legacy_id IS 'ID of the person in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.user_roles.sis_id IS 'The district''s own ID: sis_id of a student, teacher or contact, staff_id of staff.';

COMMENT ON COLUMN main.user_roles.title IS 'Job title of a teacher, staff or district admin.';

COMMENT ON COLUMN main.user_roles.school_id IS 'Clever ID of the primary school of a student or teacher.';

COMMENT ON COLUMN main.user_roles.school_ids IS 'Clever IDs of all schools of the role, sorted, without duplicates; empty if none.';

COMMENT ON COLUMN main.user_roles.first_seen_at IS 'When this warehouse first saw the person in this role in the district.';

COMMENT ON COLUMN main.user_roles.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none. The same as in the table of the role.';

COMMENT ON COLUMN main.user_roles.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.user_roles.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_user_roles IS 'The ended versions of the rows of user_roles, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_user_roles.user_id IS 'Clever v3 ID of the person (the user).';

COMMENT ON COLUMN past.past_user_roles.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN past.past_user_roles.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_user_roles.legacy_id IS 'ID of the person in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN past.past_user_roles.sis_id IS 'The district''s own ID: sis_id of a student, teacher or contact, staff_id of staff.';

COMMENT ON COLUMN past.past_user_roles.title IS 'Job title of a teacher, staff or district admin.';

COMMENT ON COLUMN past.past_user_roles.school_id IS 'Clever ID of the primary school of a student or teacher.';

COMMENT ON COLUMN past.past_user_roles.school_ids IS 'Clever IDs of all schools of the role, sorted, without duplicates; empty if none.';

COMMENT ON COLUMN past.past_user_roles.first_seen_at IS 'When this warehouse first saw the person in this role in the district.';

COMMENT ON COLUMN past.past_user_roles.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none. The same as in the table of the role.';

COMMENT ON COLUMN past.past_user_roles.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_user_roles.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_user_roles.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.user_roles_history IS 'Every version of every row of user_roles.';

COMMENT ON COLUMN main.user_roles_history.user_id IS 'Clever v3 ID of the person (the user).';

COMMENT ON COLUMN main.user_roles_history.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN main.user_roles_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.user_roles_history.legacy_id IS 'ID of the person in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.user_roles_history.sis_id IS 'The district''s own ID: sis_id of a student, teacher or contact, staff_id of staff.';

COMMENT ON COLUMN main.user_roles_history.title IS 'Job title of a teacher, staff or district admin.';

COMMENT ON COLUMN main.user_roles_history.school_id IS 'Clever ID of the primary school of a student or teacher.';

COMMENT ON COLUMN main.user_roles_history.school_ids IS 'Clever IDs of all schools of the role, sorted, without duplicates; empty if none.';

COMMENT ON COLUMN main.user_roles_history.first_seen_at IS 'When this warehouse first saw the person in this role in the district.';

COMMENT ON COLUMN main.user_roles_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none. The same as in the table of the role.';

COMMENT ON COLUMN main.user_roles_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.user_roles_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.user_roles_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_user_roles_versions IS 'The rows of user_roles_history, under a name that no other database has: macros read it. Query user_roles_history instead.';

COMMENT ON COLUMN main.clever_warehouse_user_roles_versions.user_id IS 'Clever v3 ID of the person (the user).';

COMMENT ON COLUMN main.clever_warehouse_user_roles_versions.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN main.clever_warehouse_user_roles_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_user_roles_versions.legacy_id IS 'ID of the person in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.clever_warehouse_user_roles_versions.sis_id IS 'The district''s own ID: sis_id of a student, teacher or contact, staff_id of staff.';

COMMENT ON COLUMN main.clever_warehouse_user_roles_versions.title IS 'Job title of a teacher, staff or district admin.';

COMMENT ON COLUMN main.clever_warehouse_user_roles_versions.school_id IS 'Clever ID of the primary school of a student or teacher.';

COMMENT ON COLUMN main.clever_warehouse_user_roles_versions.school_ids IS 'Clever IDs of all schools of the role, sorted, without duplicates; empty if none.';

COMMENT ON COLUMN main.clever_warehouse_user_roles_versions.first_seen_at IS 'When this warehouse first saw the person in this role in the district.';

COMMENT ON COLUMN main.clever_warehouse_user_roles_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none. The same as in the table of the role.';

COMMENT ON COLUMN main.clever_warehouse_user_roles_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_user_roles_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_user_roles_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE main.students IS 'One row per district and student currently in Clever.';

COMMENT ON COLUMN main.students.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.students.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.students.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.students.school_id IS 'Clever ID of the primary school: by default the one with most of the student''s sections. May be missing from schools.';

COMMENT ON COLUMN main.students.school_ids IS 'Clever IDs of all schools of the role, sorted, no duplicates; empty if none. A school may be missing from schools, because districts share only some of them.';

COMMENT ON COLUMN main.students.sis_id IS 'ID of the student in the SIS; text, because it may begin with zeros. If it changes, Clever makes a new user.';

COMMENT ON COLUMN main.students.student_number IS 'Number that the district gave the student; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.students.state_id IS 'ID that the state gave the student; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.students.district_username IS 'Username in the district''s own systems; not unique, often an e-mail address.';

COMMENT ON COLUMN main.students.grade IS 'Grade of the student; sort by the lookup grades, because as text 10 comes before 2. NULL if not sent. Clever documents: InfantToddler, Preschool, PreKindergarten, TransitionalKindergarten, Kindergarten, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, PostGraduate, Ungraded, Other.';

COMMENT ON COLUMN main.students.graduation_year IS 'Year in which the student is expected to graduate; text, as Clever sent it.';

COMMENT ON COLUMN main.students.dob IS 'Birth date. Clever writes M/D/YYYY or YYYY-MM-DD; both are read. NULL if not sent; text in another form is in extra.';

COMMENT ON COLUMN main.students.gender IS 'Gender as the district recorded it; NULL if not sent. Clever documents: M, F, X.';

COMMENT ON COLUMN main.students.race IS 'Race as the district recorded it. Unknown is a value of its own; NULL means not sent. Hispanic is in hispanic_ethnicity. Clever documents: Caucasian, Asian, Black or African American, American Indian, Hawaiian or Other Pacific Islander, Two or More Races, Unknown.';

COMMENT ON COLUMN main.students.hispanic_ethnicity IS 'Whether the student is Hispanic; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN main.students.home_language IS 'Clever''s name of the language spoken at home; NULL if not sent. The lookup home_languages has its code.';

COMMENT ON COLUMN main.students.home_language_code IS 'Code of the language spoken at home, mostly of ISO 639; NULL if not sent. The lookup home_languages has its name.';

COMMENT ON COLUMN main.students.ell_status IS 'Whether the student is an English language learner; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN main.students.frl_status IS 'Eligibility for free or reduced-price lunch; NULL means not sent, which is not Paid. Clever documents: Free, Reduced, Paid, Other.';

COMMENT ON COLUMN main.students.iep_status IS 'Individualized education program (IEP) of the student. Clever documents no values; NULL means not sent.';

COMMENT ON COLUMN main.students.gifted_status IS 'Whether the student is in a gifted program; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN main.students.section_504_status IS 'Whether the student has a plan under section 504 of the Rehabilitation Act; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN main.students.disability_status IS 'Whether the student has a disability; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN main.students.disability_type IS 'Kind of disability; NULL if not sent. Clever documents: Autism, Deaf-blindness, Developmental delay, Emotional disturbance, Hearing impairment, Intellectual Disability, Multiple disabilities, Orthopedic impairment, Other, Other health impairment, Specific learning disability, Speech or language impairment, Traumatic brain injury, Visual impairment.';

COMMENT ON COLUMN main.students.disability_code IS 'Code of the kind of disability, as Clever sent it: upper or lower case. Compare lower(disability_code). NULL if not sent. Clever documents: aut, db, dd, emn, hi, id, md, oi, other, ohi, sld, sli, tbi, vi.';

COMMENT ON COLUMN main.students.preferred_first_name IS 'First name that the student goes by; NULL if not sent, which is usual. The first name on record is in users.';

COMMENT ON COLUMN main.students.preferred_middle_name IS 'Middle name that the student goes by; NULL if not sent.';

COMMENT ON COLUMN main.students.preferred_last_name IS 'Last name that the student goes by; NULL if not sent.';

COMMENT ON COLUMN main.students.location_address IS 'Street address of the student''s home; not standardized.';

COMMENT ON COLUMN main.students.location_city IS 'City of the student''s home.';

COMMENT ON COLUMN main.students.location_state IS 'US state or territory of the student''s home; mostly two letters.';

COMMENT ON COLUMN main.students.location_zip IS 'ZIP code of the student''s home; text, because it may begin with zeros.';

COMMENT ON COLUMN main.students.location_lat IS 'Latitude of the student''s home; text, as Clever sent it.';

COMMENT ON COLUMN main.students.location_lon IS 'Longitude of the student''s home; text, as Clever sent it.';

COMMENT ON COLUMN main.students.role_created_at IS 'When Clever created the role; NULL if Clever sent no time.';

COMMENT ON COLUMN main.students.role_last_modified_at IS 'When Clever last changed the role. A change of this alone makes no version.';

COMMENT ON COLUMN main.students.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN main.students.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.students.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.students.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.students.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_students IS 'The ended versions of the rows of students, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_students.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN past.past_students.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_students.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN past.past_students.school_id IS 'Clever ID of the primary school: by default the one with most of the student''s sections. May be missing from schools.';

COMMENT ON COLUMN past.past_students.school_ids IS 'Clever IDs of all schools of the role, sorted, no duplicates; empty if none. A school may be missing from schools, because districts share only some of them.';

COMMENT ON COLUMN past.past_students.sis_id IS 'ID of the student in the SIS; text, because it may begin with zeros. If it changes, Clever makes a new user.';

COMMENT ON COLUMN past.past_students.student_number IS 'Number that the district gave the student; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN past.past_students.state_id IS 'ID that the state gave the student; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN past.past_students.district_username IS 'Username in the district''s own systems; not unique, often an e-mail address.';

COMMENT ON COLUMN past.past_students.grade IS 'Grade of the student; sort by the lookup grades, because as text 10 comes before 2. NULL if not sent. Clever documents: InfantToddler, Preschool, PreKindergarten, TransitionalKindergarten, Kindergarten, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, PostGraduate, Ungraded, Other.';

COMMENT ON COLUMN past.past_students.graduation_year IS 'Year in which the student is expected to graduate; text, as Clever sent it.';

COMMENT ON COLUMN past.past_students.dob IS 'Birth date. Clever writes M/D/YYYY or YYYY-MM-DD; both are read. NULL if not sent; text in another form is in extra.';

COMMENT ON COLUMN past.past_students.gender IS 'Gender as the district recorded it; NULL if not sent. Clever documents: M, F, X.';

COMMENT ON COLUMN past.past_students.race IS 'Race as the district recorded it. Unknown is a value of its own; NULL means not sent. Hispanic is in hispanic_ethnicity. Clever documents: Caucasian, Asian, Black or African American, American Indian, Hawaiian or Other Pacific Islander, Two or More Races, Unknown.';

COMMENT ON COLUMN past.past_students.hispanic_ethnicity IS 'Whether the student is Hispanic; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN past.past_students.home_language IS 'Clever''s name of the language spoken at home; NULL if not sent. The lookup home_languages has its code.';

COMMENT ON COLUMN past.past_students.home_language_code IS 'Code of the language spoken at home, mostly of ISO 639; NULL if not sent. The lookup home_languages has its name.';

COMMENT ON COLUMN past.past_students.ell_status IS 'Whether the student is an English language learner; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN past.past_students.frl_status IS 'Eligibility for free or reduced-price lunch; NULL means not sent, which is not Paid. Clever documents: Free, Reduced, Paid, Other.';

COMMENT ON COLUMN past.past_students.iep_status IS 'Individualized education program (IEP) of the student. Clever documents no values; NULL means not sent.';

COMMENT ON COLUMN past.past_students.gifted_status IS 'Whether the student is in a gifted program; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN past.past_students.section_504_status IS 'Whether the student has a plan under section 504 of the Rehabilitation Act; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN past.past_students.disability_status IS 'Whether the student has a disability; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN past.past_students.disability_type IS 'Kind of disability; NULL if not sent. Clever documents: Autism, Deaf-blindness, Developmental delay, Emotional disturbance, Hearing impairment, Intellectual Disability, Multiple disabilities, Orthopedic impairment, Other, Other health impairment, Specific learning disability, Speech or language impairment, Traumatic brain injury, Visual impairment.';

COMMENT ON COLUMN past.past_students.disability_code IS 'Code of the kind of disability, as Clever sent it: upper or lower case. Compare lower(disability_code). NULL if not sent. Clever documents: aut, db, dd, emn, hi, id, md, oi, other, ohi, sld, sli, tbi, vi.';

COMMENT ON COLUMN past.past_students.preferred_first_name IS 'First name that the student goes by; NULL if not sent, which is usual. The first name on record is in users.';

COMMENT ON COLUMN past.past_students.preferred_middle_name IS 'Middle name that the student goes by; NULL if not sent.';

COMMENT ON COLUMN past.past_students.preferred_last_name IS 'Last name that the student goes by; NULL if not sent.';

COMMENT ON COLUMN past.past_students.location_address IS 'Street address of the student''s home; not standardized.';

COMMENT ON COLUMN past.past_students.location_city IS 'City of the student''s home.';

COMMENT ON COLUMN past.past_students.location_state IS 'US state or territory of the student''s home; mostly two letters.';

COMMENT ON COLUMN past.past_students.location_zip IS 'ZIP code of the student''s home; text, because it may begin with zeros.';

COMMENT ON COLUMN past.past_students.location_lat IS 'Latitude of the student''s home; text, as Clever sent it.';

COMMENT ON COLUMN past.past_students.location_lon IS 'Longitude of the student''s home; text, as Clever sent it.';

COMMENT ON COLUMN past.past_students.role_created_at IS 'When Clever created the role; NULL if Clever sent no time.';

COMMENT ON COLUMN past.past_students.role_last_modified_at IS 'When Clever last changed the role. A change of this alone makes no version.';

COMMENT ON COLUMN past.past_students.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN past.past_students.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_students.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN past.past_students.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_students.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_students.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.students_history IS 'Every version of every row of students.';

COMMENT ON COLUMN main.students_history.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.students_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.students_history.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.students_history.school_id IS 'Clever ID of the primary school: by default the one with most of the student''s sections. May be missing from schools.';

COMMENT ON COLUMN main.students_history.school_ids IS 'Clever IDs of all schools of the role, sorted, no duplicates; empty if none. A school may be missing from schools, because districts share only some of them.';

COMMENT ON COLUMN main.students_history.sis_id IS 'ID of the student in the SIS; text, because it may begin with zeros. If it changes, Clever makes a new user.';

COMMENT ON COLUMN main.students_history.student_number IS 'Number that the district gave the student; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.students_history.state_id IS 'ID that the state gave the student; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.students_history.district_username IS 'Username in the district''s own systems; not unique, often an e-mail address.';

COMMENT ON COLUMN main.students_history.grade IS 'Grade of the student; sort by the lookup grades, because as text 10 comes before 2. NULL if not sent. Clever documents: InfantToddler, Preschool, PreKindergarten, TransitionalKindergarten, Kindergarten, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, PostGraduate, Ungraded, Other.';

COMMENT ON COLUMN main.students_history.graduation_year IS 'Year in which the student is expected to graduate; text, as Clever sent it.';

COMMENT ON COLUMN main.students_history.dob IS 'Birth date. Clever writes M/D/YYYY or YYYY-MM-DD; both are read. NULL if not sent; text in another form is in extra.';

COMMENT ON COLUMN main.students_history.gender IS 'Gender as the district recorded it; NULL if not sent. Clever documents: M, F, X.';

COMMENT ON COLUMN main.students_history.race IS 'Race as the district recorded it. Unknown is a value of its own; NULL means not sent. Hispanic is in hispanic_ethnicity. Clever documents: Caucasian, Asian, Black or African American, American Indian, Hawaiian or Other Pacific Islander, Two or More Races, Unknown.';

COMMENT ON COLUMN main.students_history.hispanic_ethnicity IS 'Whether the student is Hispanic; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN main.students_history.home_language IS 'Clever''s name of the language spoken at home; NULL if not sent. The lookup home_languages has its code.';

COMMENT ON COLUMN main.students_history.home_language_code IS 'Code of the language spoken at home, mostly of ISO 639; NULL if not sent. The lookup home_languages has its name.';

COMMENT ON COLUMN main.students_history.ell_status IS 'Whether the student is an English language learner; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN main.students_history.frl_status IS 'Eligibility for free or reduced-price lunch; NULL means not sent, which is not Paid. Clever documents: Free, Reduced, Paid, Other.';

COMMENT ON COLUMN main.students_history.iep_status IS 'Individualized education program (IEP) of the student. Clever documents no values; NULL means not sent.';

COMMENT ON COLUMN main.students_history.gifted_status IS 'Whether the student is in a gifted program; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN main.students_history.section_504_status IS 'Whether the student has a plan under section 504 of the Rehabilitation Act; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN main.students_history.disability_status IS 'Whether the student has a disability; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN main.students_history.disability_type IS 'Kind of disability; NULL if not sent. Clever documents: Autism, Deaf-blindness, Developmental delay, Emotional disturbance, Hearing impairment, Intellectual Disability, Multiple disabilities, Orthopedic impairment, Other, Other health impairment, Specific learning disability, Speech or language impairment, Traumatic brain injury, Visual impairment.';

COMMENT ON COLUMN main.students_history.disability_code IS 'Code of the kind of disability, as Clever sent it: upper or lower case. Compare lower(disability_code). NULL if not sent. Clever documents: aut, db, dd, emn, hi, id, md, oi, other, ohi, sld, sli, tbi, vi.';

COMMENT ON COLUMN main.students_history.preferred_first_name IS 'First name that the student goes by; NULL if not sent, which is usual. The first name on record is in users.';

COMMENT ON COLUMN main.students_history.preferred_middle_name IS 'Middle name that the student goes by; NULL if not sent.';

COMMENT ON COLUMN main.students_history.preferred_last_name IS 'Last name that the student goes by; NULL if not sent.';

COMMENT ON COLUMN main.students_history.location_address IS 'Street address of the student''s home; not standardized.';

COMMENT ON COLUMN main.students_history.location_city IS 'City of the student''s home.';

COMMENT ON COLUMN main.students_history.location_state IS 'US state or territory of the student''s home; mostly two letters.';

COMMENT ON COLUMN main.students_history.location_zip IS 'ZIP code of the student''s home; text, because it may begin with zeros.';

COMMENT ON COLUMN main.students_history.location_lat IS 'Latitude of the student''s home; text, as Clever sent it.';

COMMENT ON COLUMN main.students_history.location_lon IS 'Longitude of the student''s home; text, as Clever sent it.';

COMMENT ON COLUMN main.students_history.role_created_at IS 'When Clever created the role; NULL if Clever sent no time.';

COMMENT ON COLUMN main.students_history.role_last_modified_at IS 'When Clever last changed the role. A change of this alone makes no version.';

COMMENT ON COLUMN main.students_history.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN main.students_history.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.students_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.students_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.students_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.students_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_students_versions IS 'The rows of students_history, under a name that no other database has: macros read it. Query students_history instead.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.clever_warehouse_students_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.school_id IS 'Clever ID of the primary school: by default the one with most of the student''s sections. May be missing from schools.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.school_ids IS 'Clever IDs of all schools of the role, sorted, no duplicates; empty if none. A school may be missing from schools, because districts share only some of them.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.sis_id IS 'ID of the student in the SIS; text, because it may begin with zeros. If it changes, Clever makes a new user.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.student_number IS 'Number that the district gave the student; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.state_id IS 'ID that the state gave the student; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.district_username IS 'Username in the district''s own systems; not unique, often an e-mail address.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.grade IS 'Grade of the student; sort by the lookup grades, because as text 10 comes before 2. NULL if not sent. Clever documents: InfantToddler, Preschool, PreKindergarten, TransitionalKindergarten, Kindergarten, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, PostGraduate, Ungraded, Other.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.graduation_year IS 'Year in which the student is expected to graduate; text, as Clever sent it.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.dob IS 'Birth date. Clever writes M/D/YYYY or YYYY-MM-DD; both are read. NULL if not sent; text in another form is in extra.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.gender IS 'Gender as the district recorded it; NULL if not sent. Clever documents: M, F, X.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.race IS 'Race as the district recorded it. Unknown is a value of its own; NULL means not sent. Hispanic is in hispanic_ethnicity. Clever documents: Caucasian, Asian, Black or African American, American Indian, Hawaiian or Other Pacific Islander, Two or More Races, Unknown.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.hispanic_ethnicity IS 'Whether the student is Hispanic; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.home_language IS 'Clever''s name of the language spoken at home; NULL if not sent. The lookup home_languages has its code.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.home_language_code IS 'Code of the language spoken at home, mostly of ISO 639; NULL if not sent. The lookup home_languages has its name.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.ell_status IS 'Whether the student is an English language learner; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.frl_status IS 'Eligibility for free or reduced-price lunch; NULL means not sent, which is not Paid. Clever documents: Free, Reduced, Paid, Other.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.iep_status IS 'Individualized education program (IEP) of the student. Clever documents no values; NULL means not sent.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.gifted_status IS 'Whether the student is in a gifted program; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.section_504_status IS 'Whether the student has a plan under section 504 of the Rehabilitation Act; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.disability_status IS 'Whether the student has a disability; NULL means not sent, which is not N. Clever documents: Y, N.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.disability_type IS 'Kind of disability; NULL if not sent. Clever documents: Autism, Deaf-blindness, Developmental delay, Emotional disturbance, Hearing impairment, Intellectual Disability, Multiple disabilities, Orthopedic impairment, Other, Other health impairment, Specific learning disability, Speech or language impairment, Traumatic brain injury, Visual impairment.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.disability_code IS 'Code of the kind of disability, as Clever sent it: upper or lower case. Compare lower(disability_code). NULL if not sent. Clever documents: aut, db, dd, emn, hi, id, md, oi, other, ohi, sld, sli, tbi, vi.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.preferred_first_name IS 'First name that the student goes by; NULL if not sent, which is usual. The first name on record is in users.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.preferred_middle_name IS 'Middle name that the student goes by; NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.preferred_last_name IS 'Last name that the student goes by; NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.location_address IS 'Street address of the student''s home; not standardized.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.location_city IS 'City of the student''s home.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.location_state IS 'US state or territory of the student''s home; mostly two letters.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.location_zip IS 'ZIP code of the student''s home; text, because it may begin with zeros.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.location_lat IS 'Latitude of the student''s home; text, as Clever sent it.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.location_lon IS 'Longitude of the student''s home; text, as Clever sent it.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.role_created_at IS 'When Clever created the role; NULL if Clever sent no time.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.role_last_modified_at IS 'When Clever last changed the role. A change of this alone makes no version.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_students_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE main.student_enrollments IS 'One row per district, student, and school in which the student is enrolled, with the dates of the enrollment.';

COMMENT ON COLUMN main.student_enrollments.student_id IS 'Clever v3 ID of the student: user_id in students.';

COMMENT ON COLUMN main.student_enrollments.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.student_enrollments.school_id IS 'Clever ID of the school. May be missing from schools.';

COMMENT ON COLUMN main.student_enrollments.start_date IS 'When the enrollment starts. Clever derives it from the student''s active sections at the school. NULL if not sent.';

COMMENT ON COLUMN main.student_enrollments.end_date IS 'When the enrollment ends. Clever derives it from the student''s active sections at the school. NULL if not sent.';

COMMENT ON COLUMN main.student_enrollments.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.student_enrollments.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.student_enrollments.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.student_enrollments.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_student_enrollments IS 'The ended versions of the rows of student_enrollments, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_student_enrollments.student_id IS 'Clever v3 ID of the student: user_id in students.';

COMMENT ON COLUMN past.past_student_enrollments.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_student_enrollments.school_id IS 'Clever ID of the school. May be missing from schools.';

COMMENT ON COLUMN past.past_student_enrollments.start_date IS 'When the enrollment starts. Clever derives it from the student''s active sections at the school. NULL if not sent.';

COMMENT ON COLUMN past.past_student_enrollments.end_date IS 'When the enrollment ends. Clever derives it from the student''s active sections at the school. NULL if not sent.';

COMMENT ON COLUMN past.past_student_enrollments.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_student_enrollments.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN past.past_student_enrollments.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_student_enrollments.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_student_enrollments.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.student_enrollments_history IS 'Every version of every row of student_enrollments.';

COMMENT ON COLUMN main.student_enrollments_history.student_id IS 'Clever v3 ID of the student: user_id in students.';

COMMENT ON COLUMN main.student_enrollments_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.student_enrollments_history.school_id IS 'Clever ID of the school. May be missing from schools.';

COMMENT ON COLUMN main.student_enrollments_history.start_date IS 'When the enrollment starts. Clever derives it from the student''s active sections at the school. NULL if not sent.';

COMMENT ON COLUMN main.student_enrollments_history.end_date IS 'When the enrollment ends. Clever derives it from the student''s active sections at the school. NULL if not sent.';

COMMENT ON COLUMN main.student_enrollments_history.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.student_enrollments_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.student_enrollments_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.student_enrollments_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.student_enrollments_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_student_enrollments_versions IS 'The rows of student_enrollments_history, under a name that no other database has: macros read it. Query student_enrollments_history instead.';

COMMENT ON COLUMN main.clever_warehouse_student_enrollments_versions.student_id IS 'Clever v3 ID of the student: user_id in students.';

COMMENT ON COLUMN main.clever_warehouse_student_enrollments_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_student_enrollments_versions.school_id IS 'Clever ID of the school. May be missing from schools.';

COMMENT ON COLUMN main.clever_warehouse_student_enrollments_versions.start_date IS 'When the enrollment starts. Clever derives it from the student''s active sections at the school. NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_student_enrollments_versions.end_date IS 'When the enrollment ends. Clever derives it from the student''s active sections at the school. NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_student_enrollments_versions.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_student_enrollments_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_student_enrollments_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_student_enrollments_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_student_enrollments_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE main.teachers IS 'One row per district and teacher currently in Clever.';

COMMENT ON COLUMN main.teachers.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.teachers.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.teachers.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.teachers.school_id IS 'Clever ID of the primary school. May be missing from schools; the teacher may have sections at others.';

COMMENT ON COLUMN main.teachers.school_ids IS 'Clever IDs of all schools of the role, sorted, no duplicates; empty if none. A school may be missing from schools, because districts share only some of them.';

COMMENT ON COLUMN main.teachers.sis_id IS 'ID of the teacher in the student information system (SIS); text, because it may begin with zeros. If it changes, Clever makes a new user.';

COMMENT ON COLUMN main.teachers.teacher_number IS 'Number that the district gave the teacher; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.teachers.state_id IS 'ID that the state gave the teacher; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.teachers.title IS 'Job title as a teacher; NULL if not sent.';

COMMENT ON COLUMN main.teachers.district_username IS 'Username in the district''s own systems; not unique, often an e-mail address.';

COMMENT ON COLUMN main.teachers.role_district_id IS 'Clever ID of the district, as the teacher role has it. Use district_id instead.';

COMMENT ON COLUMN main.teachers.role_first_name IS 'First name, as the teacher role has it. Use first_name of users instead.';

COMMENT ON COLUMN main.teachers.role_middle_name IS 'Middle name, as the teacher role has it. Use middle_name of users instead.';

COMMENT ON COLUMN main.teachers.role_last_name IS 'Last name, as the teacher role has it. Use last_name of users instead.';

COMMENT ON COLUMN main.teachers.role_created_at IS 'When Clever created the role; NULL if Clever sent no time.';

COMMENT ON COLUMN main.teachers.role_last_modified_at IS 'When Clever last changed the role. A change of this alone makes no version.';

COMMENT ON COLUMN main.teachers.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN main.teachers.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.teachers.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.teachers.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.teachers.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_teachers IS 'The ended versions of the rows of teachers, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_teachers.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN past.past_teachers.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_teachers.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN past.past_teachers.school_id IS 'Clever ID of the primary school. May be missing from schools; the teacher may have sections at others.';

COMMENT ON COLUMN past.past_teachers.school_ids IS 'Clever IDs of all schools of the role, sorted, no duplicates; empty if none. A school may be missing from schools, because districts share only some of them.';

COMMENT ON COLUMN past.past_teachers.sis_id IS 'ID of the teacher in the student information system (SIS); text, because it may begin with zeros. If it changes, Clever makes a new user.';

COMMENT ON COLUMN past.past_teachers.teacher_number IS 'Number that the district gave the teacher; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN past.past_teachers.state_id IS 'ID that the state gave the teacher; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN past.past_teachers.title IS 'Job title as a teacher; NULL if not sent.';

COMMENT ON COLUMN past.past_teachers.district_username IS 'Username in the district''s own systems; not unique, often an e-mail address.';

COMMENT ON COLUMN past.past_teachers.role_district_id IS 'Clever ID of the district, as the teacher role has it. Use district_id instead.';

COMMENT ON COLUMN past.past_teachers.role_first_name IS 'First name, as the teacher role has it. Use first_name of users instead.';

COMMENT ON COLUMN past.past_teachers.role_middle_name IS 'Middle name, as the teacher role has it. Use middle_name of users instead.';

COMMENT ON COLUMN past.past_teachers.role_last_name IS 'Last name, as the teacher role has it. Use last_name of users instead.';

COMMENT ON COLUMN past.past_teachers.role_created_at IS 'When Clever created the role; NULL if Clever sent no time.';

COMMENT ON COLUMN past.past_teachers.role_last_modified_at IS 'When Clever last changed the role. A change of this alone makes no version.';

COMMENT ON COLUMN past.past_teachers.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN past.past_teachers.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_teachers.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN past.past_teachers.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_teachers.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_teachers.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.teachers_history IS 'Every version of every row of teachers.';

COMMENT ON COLUMN main.teachers_history.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.teachers_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.teachers_history.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.teachers_history.school_id IS 'Clever ID of the primary school. May be missing from schools; the teacher may have sections at others.';

COMMENT ON COLUMN main.teachers_history.school_ids IS 'Clever IDs of all schools of the role, sorted, no duplicates; empty if none. A school may be missing from schools, because districts share only some of them.';

COMMENT ON COLUMN main.teachers_history.sis_id IS 'ID of the teacher in the student information system (SIS); text, because it may begin with zeros. If it changes, Clever makes a new user.';

COMMENT ON COLUMN main.teachers_history.teacher_number IS 'Number that the district gave the teacher; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.teachers_history.state_id IS 'ID that the state gave the teacher; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.teachers_history.title IS 'Job title as a teacher; NULL if not sent.';

COMMENT ON COLUMN main.teachers_history.district_username IS 'Username in the district''s own systems; not unique, often an e-mail address.';

COMMENT ON COLUMN main.teachers_history.role_district_id IS 'Clever ID of the district, as the teacher role has it. Use district_id instead.';

COMMENT ON COLUMN main.teachers_history.role_first_name IS 'First name, as the teacher role has it. Use first_name of users instead.';

COMMENT ON COLUMN main.teachers_history.role_middle_name IS 'Middle name, as the teacher role has it. Use middle_name of users instead.';

COMMENT ON COLUMN main.teachers_history.role_last_name IS 'Last name, as the teacher role has it. Use last_name of users instead.';

COMMENT ON COLUMN main.teachers_history.role_created_at IS 'When Clever created the role; NULL if Clever sent no time.';

COMMENT ON COLUMN main.teachers_history.role_last_modified_at IS 'When Clever last changed the role. A change of this alone makes no version.';

COMMENT ON COLUMN main.teachers_history.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN main.teachers_history.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.teachers_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.teachers_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.teachers_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.teachers_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_teachers_versions IS 'The rows of teachers_history, under a name that no other database has: macros read it. Query teachers_history instead.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.school_id IS 'Clever ID of the primary school. May be missing from schools; the teacher may have sections at others.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.school_ids IS 'Clever IDs of all schools of the role, sorted, no duplicates; empty if none. A school may be missing from schools, because districts share only some of them.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.sis_id IS 'ID of the teacher in the student information system (SIS); text, because it may begin with zeros. If it changes, Clever makes a new user.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.teacher_number IS 'Number that the district gave the teacher; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.state_id IS 'ID that the state gave the teacher; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.title IS 'Job title as a teacher; NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.district_username IS 'Username in the district''s own systems; not unique, often an e-mail address.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.role_district_id IS 'Clever ID of the district, as the teacher role has it. Use district_id instead.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.role_first_name IS 'First name, as the teacher role has it. Use first_name of users instead.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.role_middle_name IS 'Middle name, as the teacher role has it. Use middle_name of users instead.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.role_last_name IS 'Last name, as the teacher role has it. Use last_name of users instead.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.role_created_at IS 'When Clever created the role; NULL if Clever sent no time.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.role_last_modified_at IS 'When Clever last changed the role. A change of this alone makes no version.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_teachers_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE main.staff IS 'One row per district and staff member currently in Clever.';

COMMENT ON COLUMN main.staff.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.staff.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.staff.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.staff.school_ids IS 'Clever IDs of all schools of the role, sorted, no duplicates; empty if none. A school may be missing from schools, because districts share only some of them.';

COMMENT ON COLUMN main.staff.staff_id IS 'ID of the staff member in the district''s systems; text, because it may begin with zeros. Staff have no sis_id: this is their counterpart. If it changes, Clever makes a new user.';

COMMENT ON COLUMN main.staff.department IS 'Department; NULL if not sent.';

COMMENT ON COLUMN main.staff.title IS 'Job title as a staff member; NULL if not sent.';

COMMENT ON COLUMN main.staff.staff_roles IS 'Permissions in Clever, sorted, no duplicates; empty if none. Clever describes PortalOnly and SchoolTechLead, but other values are allowed. Not the roles of the user: those are in users.';

COMMENT ON COLUMN main.staff.district_username IS 'Username in the district''s own systems; not unique, often an e-mail address.';

COMMENT ON COLUMN main.staff.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN main.staff.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.staff.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.staff.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.staff.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_staff IS 'The ended versions of the rows of staff, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_staff.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN past.past_staff.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_staff.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN past.past_staff.school_ids IS 'Clever IDs of all schools of the role, sorted, no duplicates; empty if none. A school may be missing from schools, because districts share only some of them.';

COMMENT ON COLUMN past.past_staff.staff_id IS 'ID of the staff member in the district''s systems; text, because it may begin with zeros. Staff have no sis_id: this is their counterpart. If it changes, Clever makes a new user.';

COMMENT ON COLUMN past.past_staff.department IS 'Department; NULL if not sent.';

COMMENT ON COLUMN past.past_staff.title IS 'Job title as a staff member; NULL if not sent.';

COMMENT ON COLUMN past.past_staff.staff_roles IS 'Permissions in Clever, sorted, no duplicates; empty if none. Clever describes PortalOnly and SchoolTechLead, but other values are allowed. Not the roles of the user: those are in users.';

COMMENT ON COLUMN past.past_staff.district_username IS 'Username in the district''s own systems; not unique, often an e-mail address.';

COMMENT ON COLUMN past.past_staff.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN past.past_staff.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_staff.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN past.past_staff.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_staff.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_staff.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.staff_history IS 'Every version of every row of staff.';

COMMENT ON COLUMN main.staff_history.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.staff_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.staff_history.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.staff_history.school_ids IS 'Clever IDs of all schools of the role, sorted, no duplicates; empty if none. A school may be missing from schools, because districts share only some of them.';

COMMENT ON COLUMN main.staff_history.staff_id IS 'ID of the staff member in the district''s systems; text, because it may begin with zeros. Staff have no sis_id: this is their counterpart. If it changes, Clever makes a new user.';

COMMENT ON COLUMN main.staff_history.department IS 'Department; NULL if not sent.';

COMMENT ON COLUMN main.staff_history.title IS 'Job title as a staff member; NULL if not sent.';

COMMENT ON COLUMN main.staff_history.staff_roles IS 'Permissions in Clever, sorted, no duplicates; empty if none. Clever describes PortalOnly and SchoolTechLead, but other values are allowed. Not the roles of the user: those are in users.';

COMMENT ON COLUMN main.staff_history.district_username IS 'Username in the district''s own systems; not unique, often an e-mail address.';

COMMENT ON COLUMN main.staff_history.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN main.staff_history.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.staff_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.staff_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.staff_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.staff_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_staff_versions IS 'The rows of staff_history, under a name that no other database has: macros read it. Query staff_history instead.';

COMMENT ON COLUMN main.clever_warehouse_staff_versions.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.clever_warehouse_staff_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_staff_versions.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.clever_warehouse_staff_versions.school_ids IS 'Clever IDs of all schools of the role, sorted, no duplicates; empty if none. A school may be missing from schools, because districts share only some of them.';

COMMENT ON COLUMN main.clever_warehouse_staff_versions.staff_id IS 'ID of the staff member in the district''s systems; text, because it may begin with zeros. Staff have no sis_id: this is their counterpart. If it changes, Clever makes a new user.';

COMMENT ON COLUMN main.clever_warehouse_staff_versions.department IS 'Department; NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_staff_versions.title IS 'Job title as a staff member; NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_staff_versions.staff_roles IS 'Permissions in Clever, sorted, no duplicates; empty if none. Clever describes PortalOnly and SchoolTechLead, but other values are allowed. Not the roles of the user: those are in users.';

COMMENT ON COLUMN main.clever_warehouse_staff_versions.district_username IS 'Username in the district''s own systems; not unique, often an e-mail address.';

COMMENT ON COLUMN main.clever_warehouse_staff_versions.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_staff_versions.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_staff_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_staff_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_staff_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_staff_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE main.district_admins IS 'One row per district and district admin currently in Clever.';

COMMENT ON COLUMN main.district_admins.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.district_admins.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.district_admins.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.district_admins.title IS 'Job title as a district admin; NULL if not sent.';

COMMENT ON COLUMN main.district_admins.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.district_admins.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.district_admins.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.district_admins.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_district_admins IS 'The ended versions of the rows of district_admins, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_district_admins.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN past.past_district_admins.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_district_admins.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN past.past_district_admins.title IS 'Job title as a district admin; NULL if not sent.';

COMMENT ON COLUMN past.past_district_admins.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_district_admins.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN past.past_district_admins.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_district_admins.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_district_admins.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.district_admins_history IS 'Every version of every row of district_admins.';

COMMENT ON COLUMN main.district_admins_history.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.district_admins_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.district_admins_history.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.district_admins_history.title IS 'Job title as a district admin; NULL if not sent.';

COMMENT ON COLUMN main.district_admins_history.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.district_admins_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.district_admins_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.district_admins_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.district_admins_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_district_admins_versions IS 'The rows of district_admins_history, under a name that no other database has: macros read it. Query district_admins_history instead.';

COMMENT ON COLUMN main.clever_warehouse_district_admins_versions.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.clever_warehouse_district_admins_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_district_admins_versions.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.clever_warehouse_district_admins_versions.title IS 'Job title as a district admin; NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_district_admins_versions.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_district_admins_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_district_admins_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_district_admins_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_district_admins_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE main.contacts IS 'One row per district and contact currently in Clever.';

COMMENT ON COLUMN main.contacts.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.contacts.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.contacts.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.contacts.sis_id IS 'ID of the contact in the student information system (SIS); text, because it may begin with zeros. Often NULL: Clever then makes a new user whenever the contact is edited.';

COMMENT ON COLUMN main.contacts.phone IS 'Phone number as the district entered it: any form, with or without an extension or words. NULL if not sent.';

COMMENT ON COLUMN main.contacts.phone_type IS 'What kind of phone it is; NULL if not sent. Clever documents: Cell, Home, Work, Other.';

COMMENT ON COLUMN main.contacts.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.contacts.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.contacts.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.contacts.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_contacts IS 'The ended versions of the rows of contacts, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_contacts.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN past.past_contacts.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_contacts.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN past.past_contacts.sis_id IS 'ID of the contact in the student information system (SIS); text, because it may begin with zeros. Often NULL: Clever then makes a new user whenever the contact is edited.';

COMMENT ON COLUMN past.past_contacts.phone IS 'Phone number as the district entered it: any form, with or without an extension or words. NULL if not sent.';

COMMENT ON COLUMN past.past_contacts.phone_type IS 'What kind of phone it is; NULL if not sent. Clever documents: Cell, Home, Work, Other.';

COMMENT ON COLUMN past.past_contacts.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_contacts.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN past.past_contacts.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_contacts.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_contacts.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.contacts_history IS 'Every version of every row of contacts.';

COMMENT ON COLUMN main.contacts_history.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.contacts_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.contacts_history.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.contacts_history.sis_id IS 'ID of the contact in the student information system (SIS); text, because it may begin with zeros. Often NULL: Clever then makes a new user whenever the contact is edited.';

COMMENT ON COLUMN main.contacts_history.phone IS 'Phone number as the district entered it: any form, with or without an extension or words. NULL if not sent.';

COMMENT ON COLUMN main.contacts_history.phone_type IS 'What kind of phone it is; NULL if not sent. Clever documents: Cell, Home, Work, Other.';

COMMENT ON COLUMN main.contacts_history.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.contacts_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.contacts_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.contacts_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.contacts_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_contacts_versions IS 'The rows of contacts_history, under a name that no other database has: macros read it. Query contacts_history instead.';

COMMENT ON COLUMN main.clever_warehouse_contacts_versions.user_id IS 'Clever v3 ID of the user (the person).';

COMMENT ON COLUMN main.clever_warehouse_contacts_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_contacts_versions.legacy_id IS 'ID of the user in this role before API v3.0; NULL if Clever sent none.';

COMMENT ON COLUMN main.clever_warehouse_contacts_versions.sis_id IS 'ID of the contact in the student information system (SIS); text, because it may begin with zeros. Often NULL: Clever then makes a new user whenever the contact is edited.';

COMMENT ON COLUMN main.clever_warehouse_contacts_versions.phone IS 'Phone number as the district entered it: any form, with or without an extension or words. NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_contacts_versions.phone_type IS 'What kind of phone it is; NULL if not sent. Clever documents: Cell, Home, Work, Other.';

COMMENT ON COLUMN main.clever_warehouse_contacts_versions.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_contacts_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_contacts_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_contacts_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_contacts_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE main.contact_students IS 'One row per district, contact, student, and relationship. The same student may occur more than once for a contact.';

COMMENT ON COLUMN main.contact_students.contact_id IS 'Clever v3 ID of the contact: user_id in contacts.';

COMMENT ON COLUMN main.contact_students.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.contact_students.student_id IS 'Clever v3 ID of the student: user_id in students. May be missing from students, because districts share only some of them.';

COMMENT ON COLUMN main.contact_students.relationship IS 'What the contact is to the student; NULL if not sent. Clever documents: Parent, Grandparent, Self, Aunt/Uncle, Sibling, Other.';

COMMENT ON COLUMN main.contact_students.type IS 'In which capacity the contact is to be reached; NULL if not sent, which does not mean that the contact is not primary. Clever documents: Parent/Guardian, Emergency, Primary, Secondary, Family, Other.';

COMMENT ON COLUMN main.contact_students.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.contact_students.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.contact_students.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.contact_students.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_contact_students IS 'The ended versions of the rows of contact_students, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_contact_students.contact_id IS 'Clever v3 ID of the contact: user_id in contacts.';

COMMENT ON COLUMN past.past_contact_students.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_contact_students.student_id IS 'Clever v3 ID of the student: user_id in students. May be missing from students, because districts share only some of them.';

COMMENT ON COLUMN past.past_contact_students.relationship IS 'What the contact is to the student; NULL if not sent. Clever documents: Parent, Grandparent, Self, Aunt/Uncle, Sibling, Other.';

COMMENT ON COLUMN past.past_contact_students.type IS 'In which capacity the contact is to be reached; NULL if not sent, which does not mean that the contact is not primary. Clever documents: Parent/Guardian, Emergency, Primary, Secondary, Family, Other.';

COMMENT ON COLUMN past.past_contact_students.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_contact_students.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN past.past_contact_students.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_contact_students.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_contact_students.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.contact_students_history IS 'Every version of every row of contact_students.';

COMMENT ON COLUMN main.contact_students_history.contact_id IS 'Clever v3 ID of the contact: user_id in contacts.';

COMMENT ON COLUMN main.contact_students_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.contact_students_history.student_id IS 'Clever v3 ID of the student: user_id in students. May be missing from students, because districts share only some of them.';

COMMENT ON COLUMN main.contact_students_history.relationship IS 'What the contact is to the student; NULL if not sent. Clever documents: Parent, Grandparent, Self, Aunt/Uncle, Sibling, Other.';

COMMENT ON COLUMN main.contact_students_history.type IS 'In which capacity the contact is to be reached; NULL if not sent, which does not mean that the contact is not primary. Clever documents: Parent/Guardian, Emergency, Primary, Secondary, Family, Other.';

COMMENT ON COLUMN main.contact_students_history.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.contact_students_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.contact_students_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.contact_students_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.contact_students_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_contact_students_versions IS 'The rows of contact_students_history, under a name that no other database has: macros read it. Query contact_students_history instead.';

COMMENT ON COLUMN main.clever_warehouse_contact_students_versions.contact_id IS 'Clever v3 ID of the contact: user_id in contacts.';

COMMENT ON COLUMN main.clever_warehouse_contact_students_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_contact_students_versions.student_id IS 'Clever v3 ID of the student: user_id in students. May be missing from students, because districts share only some of them.';

COMMENT ON COLUMN main.clever_warehouse_contact_students_versions.relationship IS 'What the contact is to the student; NULL if not sent. Clever documents: Parent, Grandparent, Self, Aunt/Uncle, Sibling, Other.';

COMMENT ON COLUMN main.clever_warehouse_contact_students_versions.type IS 'In which capacity the contact is to be reached; NULL if not sent, which does not mean that the contact is not primary. Clever documents: Parent/Guardian, Emergency, Primary, Secondary, Family, Other.';

COMMENT ON COLUMN main.clever_warehouse_contact_students_versions.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_contact_students_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_contact_students_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_contact_students_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_contact_students_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE main.districts IS 'One row per district whose roster is read.';

COMMENT ON COLUMN main.districts.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.districts.name IS 'Name of the district.';

COMMENT ON COLUMN main.districts.sis_type IS 'How Clever gets the data: sftp, or the name of the SIS. Clever documents no list of names.';

COMMENT ON COLUMN main.districts.state IS 'State of the district''s sync into Clever, not a US state. A paused district keeps the roster that it had. Clever documents: running, pending, error, paused, success.';

COMMENT ON COLUMN main.districts.error IS 'What Clever says about an error of the district''s sync, for people to read; NULL if there is none.';

COMMENT ON COLUMN main.districts.last_sync_at IS 'When Clever last synced from the SIS; NULL if not sent. A change of this alone makes no version.';

COMMENT ON COLUMN main.districts.last_clever_sync_at IS 'When Clever last brought what this app may see up to date; NULL unless the app gets notifications of syncs. A change of this alone makes no version.';

COMMENT ON COLUMN main.districts.pause_start_at IS 'When the pause of the district''s sync begins or began, mostly the summer; NULL if none is planned.';

COMMENT ON COLUMN main.districts.pause_end_at IS 'When the pause of the district''s sync ends or ended; NULL if none is planned.';

COMMENT ON COLUMN main.districts.last_attendance_sync_at IS 'When Clever last synced attendance; NULL if not sent. A change of this alone makes no version.';

COMMENT ON COLUMN main.districts.login_methods IS 'How people log in, sorted, such as Clever Badges, Clever Passwords, Google or SAML; empty if not sent.';

COMMENT ON COLUMN main.districts.launch_date IS 'When people can first log in through Clever; data is shared before that, too.';

COMMENT ON COLUMN main.districts.portal_url IS 'Address of the district''s portal at Clever.';

COMMENT ON COLUMN main.districts.lms_type IS 'Learning management system (LMS) that Clever syncs to; NULL if none. Clever documents: canvas, schoology, google_classroom.';

COMMENT ON COLUMN main.districts.lms_state IS 'State of Clever''s sync to the LMS; NULL if there is none. Clever documents: initial_sync_processing, pending_authorization, matching_in_progress, error, disconnected, success.';

COMMENT ON COLUMN main.districts.mdr_number IS 'Number of the district in the directory of MDR; text, because it may begin with zeros.';

COMMENT ON COLUMN main.districts.nces_id IS 'ID of the district at the National Center for Education Statistics (NCES); text, because it may begin with zeros.';

COMMENT ON COLUMN main.districts.district_contact_id IS 'Clever ID of the district''s contact for Clever; often of no user.';

COMMENT ON COLUMN main.districts.district_contact_title IS 'Job title of the district''s contact for Clever.';

COMMENT ON COLUMN main.districts.district_contact_email IS 'E-mail of the district''s contact for Clever.';

COMMENT ON COLUMN main.districts.district_contact_first_name IS 'First name of the district''s contact for Clever.';

COMMENT ON COLUMN main.districts.district_contact_middle_name IS 'Middle name of the district''s contact for Clever.';

COMMENT ON COLUMN main.districts.district_contact_last_name IS 'Last name of the district''s contact for Clever.';

COMMENT ON COLUMN main.districts.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.districts.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.districts.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.districts.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_districts IS 'The ended versions of the rows of districts, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_districts.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_districts.name IS 'Name of the district.';

COMMENT ON COLUMN past.past_districts.sis_type IS 'How Clever gets the data: sftp, or the name of the SIS. Clever documents no list of names.';

COMMENT ON COLUMN past.past_districts.state IS 'State of the district''s sync into Clever, not a US state. A paused district keeps the roster that it had. Clever documents: running, pending, error, paused, success.';

COMMENT ON COLUMN past.past_districts.error IS 'What Clever says about an error of the district''s sync, for people to read; NULL if there is none.';

COMMENT ON COLUMN past.past_districts.last_sync_at IS 'When Clever last synced from the SIS; NULL if not sent. A change of this alone makes no version.';

COMMENT ON COLUMN past.past_districts.last_clever_sync_at IS 'When Clever last brought what this app may see up to date; NULL unless the app gets notifications of syncs. A change of this alone makes no version.';

COMMENT ON COLUMN past.past_districts.pause_start_at IS 'When the pause of the district''s sync begins or began, mostly the summer; NULL if none is planned.';

COMMENT ON COLUMN past.past_districts.pause_end_at IS 'When the pause of the district''s sync ends or ended; NULL if none is planned.';

COMMENT ON COLUMN past.past_districts.last_attendance_sync_at IS 'When Clever last synced attendance; NULL if not sent. A change of this alone makes no version.';

COMMENT ON COLUMN past.past_districts.login_methods IS 'How people log in, sorted, such as Clever Badges, Clever Passwords, Google or SAML; empty if not sent.';

COMMENT ON COLUMN past.past_districts.launch_date IS 'When people can first log in through Clever; data is shared before that, too.';

COMMENT ON COLUMN past.past_districts.portal_url IS 'Address of the district''s portal at Clever.';

COMMENT ON COLUMN past.past_districts.lms_type IS 'Learning management system (LMS) that Clever syncs to; NULL if none. Clever documents: canvas, schoology, google_classroom.';

COMMENT ON COLUMN past.past_districts.lms_state IS 'State of Clever''s sync to the LMS; NULL if there is none. Clever documents: initial_sync_processing, pending_authorization, matching_in_progress, error, disconnected, success.';

COMMENT ON COLUMN past.past_districts.mdr_number IS 'Number of the district in the directory of MDR; text, because it may begin with zeros.';

COMMENT ON COLUMN past.past_districts.nces_id IS 'ID of the district at the National Center for Education Statistics (NCES); text, because it may begin with zeros.';

COMMENT ON COLUMN past.past_districts.district_contact_id IS 'Clever ID of the district''s contact for Clever; often of no user.';

COMMENT ON COLUMN past.past_districts.district_contact_title IS 'Job title of the district''s contact for Clever.';

COMMENT ON COLUMN past.past_districts.district_contact_email IS 'E-mail of the district''s contact for Clever.';

COMMENT ON COLUMN past.past_districts.district_contact_first_name IS 'First name of the district''s contact for Clever.';

COMMENT ON COLUMN past.past_districts.district_contact_middle_name IS 'Middle name of the district''s contact for Clever.';

COMMENT ON COLUMN past.past_districts.district_contact_last_name IS 'Last name of the district''s contact for Clever.';

COMMENT ON COLUMN past.past_districts.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_districts.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN past.past_districts.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_districts.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_districts.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.districts_history IS 'Every version of every row of districts.';

COMMENT ON COLUMN main.districts_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.districts_history.name IS 'Name of the district.';

COMMENT ON COLUMN main.districts_history.sis_type IS 'How Clever gets the data: sftp, or the name of the SIS. Clever documents no list of names.';

COMMENT ON COLUMN main.districts_history.state IS 'State of the district''s sync into Clever, not a US state. A paused district keeps the roster that it had. Clever documents: running, pending, error, paused, success.';

COMMENT ON COLUMN main.districts_history.error IS 'What Clever says about an error of the district''s sync, for people to read; NULL if there is none.';

COMMENT ON COLUMN main.districts_history.last_sync_at IS 'When Clever last synced from the SIS; NULL if not sent. A change of this alone makes no version.';

COMMENT ON COLUMN main.districts_history.last_clever_sync_at IS 'When Clever last brought what this app may see up to date; NULL unless the app gets notifications of syncs. A change of this alone makes no version.';

COMMENT ON COLUMN main.districts_history.pause_start_at IS 'When the pause of the district''s sync begins or began, mostly the summer; NULL if none is planned.';

COMMENT ON COLUMN main.districts_history.pause_end_at IS 'When the pause of the district''s sync ends or ended; NULL if none is planned.';

COMMENT ON COLUMN main.districts_history.last_attendance_sync_at IS 'When Clever last synced attendance; NULL if not sent. A change of this alone makes no version.';

COMMENT ON COLUMN main.districts_history.login_methods IS 'How people log in, sorted, such as Clever Badges, Clever Passwords, Google or SAML; empty if not sent.';

COMMENT ON COLUMN main.districts_history.launch_date IS 'When people can first log in through Clever; data is shared before that, too.';

COMMENT ON COLUMN main.districts_history.portal_url IS 'Address of the district''s portal at Clever.';

COMMENT ON COLUMN main.districts_history.lms_type IS 'Learning management system (LMS) that Clever syncs to; NULL if none. Clever documents: canvas, schoology, google_classroom.';

COMMENT ON COLUMN main.districts_history.lms_state IS 'State of Clever''s sync to the LMS; NULL if there is none. Clever documents: initial_sync_processing, pending_authorization, matching_in_progress, error, disconnected, success.';

COMMENT ON COLUMN main.districts_history.mdr_number IS 'Number of the district in the directory of MDR; text, because it may begin with zeros.';

COMMENT ON COLUMN main.districts_history.nces_id IS 'ID of the district at the National Center for Education Statistics (NCES); text, because it may begin with zeros.';

COMMENT ON COLUMN main.districts_history.district_contact_id IS 'Clever ID of the district''s contact for Clever; often of no user.';

COMMENT ON COLUMN main.districts_history.district_contact_title IS 'Job title of the district''s contact for Clever.';

COMMENT ON COLUMN main.districts_history.district_contact_email IS 'E-mail of the district''s contact for Clever.';

COMMENT ON COLUMN main.districts_history.district_contact_first_name IS 'First name of the district''s contact for Clever.';

COMMENT ON COLUMN main.districts_history.district_contact_middle_name IS 'Middle name of the district''s contact for Clever.';

COMMENT ON COLUMN main.districts_history.district_contact_last_name IS 'Last name of the district''s contact for Clever.';

COMMENT ON COLUMN main.districts_history.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.districts_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.districts_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.districts_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.districts_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_districts_versions IS 'The rows of districts_history, under a name that no other database has: macros read it. Query districts_history instead.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.name IS 'Name of the district.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.sis_type IS 'How Clever gets the data: sftp, or the name of the SIS. Clever documents no list of names.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.state IS 'State of the district''s sync into Clever, not a US state. A paused district keeps the roster that it had. Clever documents: running, pending, error, paused, success.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.error IS 'What Clever says about an error of the district''s sync, for people to read; NULL if there is none.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.last_sync_at IS 'When Clever last synced from the SIS; NULL if not sent. A change of this alone makes no version.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.last_clever_sync_at IS 'When Clever last brought what this app may see up to date; NULL unless the app gets notifications of syncs. A change of this alone makes no version.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.pause_start_at IS 'When the pause of the district''s sync begins or began, mostly the summer; NULL if none is planned.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.pause_end_at IS 'When the pause of the district''s sync ends or ended; NULL if none is planned.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.last_attendance_sync_at IS 'When Clever last synced attendance; NULL if not sent. A change of this alone makes no version.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.login_methods IS 'How people log in, sorted, such as Clever Badges, Clever Passwords, Google or SAML; empty if not sent.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.launch_date IS 'When people can first log in through Clever; data is shared before that, too.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.portal_url IS 'Address of the district''s portal at Clever.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.lms_type IS 'Learning management system (LMS) that Clever syncs to; NULL if none. Clever documents: canvas, schoology, google_classroom.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.lms_state IS 'State of Clever''s sync to the LMS; NULL if there is none. Clever documents: initial_sync_processing, pending_authorization, matching_in_progress, error, disconnected, success.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.mdr_number IS 'Number of the district in the directory of MDR; text, because it may begin with zeros.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.nces_id IS 'ID of the district at the National Center for Education Statistics (NCES); text, because it may begin with zeros.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.district_contact_id IS 'Clever ID of the district''s contact for Clever; often of no user.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.district_contact_title IS 'Job title of the district''s contact for Clever.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.district_contact_email IS 'E-mail of the district''s contact for Clever.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.district_contact_first_name IS 'First name of the district''s contact for Clever.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.district_contact_middle_name IS 'Middle name of the district''s contact for Clever.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.district_contact_last_name IS 'Last name of the district''s contact for Clever.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_districts_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE main.schools IS 'One row per district and school currently in Clever.';

COMMENT ON COLUMN main.schools.school_id IS 'Clever ID of the school.';

COMMENT ON COLUMN main.schools.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.schools.name IS 'Name of the school.';

COMMENT ON COLUMN main.schools.sis_id IS 'ID of the school in the student information system (SIS); text, because it may begin with zeros.';

COMMENT ON COLUMN main.schools.school_number IS 'Number that the district gave the school; text, because it may begin with zeros.';

COMMENT ON COLUMN main.schools.state_id IS 'ID that the state gave the school; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.schools.nces_id IS 'ID of the school at the National Center for Education Statistics (NCES); text, because it may begin with zeros.';

COMMENT ON COLUMN main.schools.mdr_number IS 'Number of the school in the directory of MDR; text, because it may begin with zeros.';

COMMENT ON COLUMN main.schools.low_grade IS 'Lowest grade; compare by sort_order of the lookup grades. NULL if not sent. Clever documents: InfantToddler, Preschool, PreKindergarten, TransitionalKindergarten, Kindergarten, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, PostGraduate, Ungraded, Other.';

COMMENT ON COLUMN main.schools.high_grade IS 'Highest grade; compare by sort_order of the lookup grades. NULL if not sent. Clever documents: InfantToddler, Preschool, PreKindergarten, TransitionalKindergarten, Kindergarten, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, PostGraduate, Ungraded, Other.';

COMMENT ON COLUMN main.schools.phone IS 'Phone number of the school, as the district entered it.';

COMMENT ON COLUMN main.schools.location_address IS 'Street address of the school; not standardized.';

COMMENT ON COLUMN main.schools.location_city IS 'City of the school.';

COMMENT ON COLUMN main.schools.location_state IS 'US state or territory of the school; mostly two letters.';

COMMENT ON COLUMN main.schools.location_zip IS 'ZIP code of the school; text, because it may begin with zeros.';

COMMENT ON COLUMN main.schools.location_lat IS 'Latitude of the school; text, as Clever sent it.';

COMMENT ON COLUMN main.schools.location_lon IS 'Longitude of the school; text, as Clever sent it.';

COMMENT ON COLUMN main.schools.principal_name IS 'Name of the principal.';

COMMENT ON COLUMN main.schools.principal_email IS 'E-mail of the principal.';

COMMENT ON COLUMN main.schools.created_at IS 'When Clever created the record.';

COMMENT ON COLUMN main.schools.last_modified_at IS 'When Clever last changed the record. A change of this alone makes no version.';

COMMENT ON COLUMN main.schools.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN main.schools.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.schools.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.schools.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.schools.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_schools IS 'The ended versions of the rows of schools, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_schools.school_id IS 'Clever ID of the school.';

COMMENT ON COLUMN past.past_schools.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_schools.name IS 'Name of the school.';

COMMENT ON COLUMN past.past_schools.sis_id IS 'ID of the school in the student information system (SIS); text, because it may begin with zeros.';

COMMENT ON COLUMN past.past_schools.school_number IS 'Number that the district gave the school; text, because it may begin with zeros.';

COMMENT ON COLUMN past.past_schools.state_id IS 'ID that the state gave the school; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN past.past_schools.nces_id IS 'ID of the school at the National Center for Education Statistics (NCES); text, because it may begin with zeros.';

COMMENT ON COLUMN past.past_schools.mdr_number IS 'Number of the school in the directory of MDR; text, because it may begin with zeros.';

COMMENT ON COLUMN past.past_schools.low_grade IS 'Lowest grade; compare by sort_order of the lookup grades. NULL if not sent. Clever documents: InfantToddler, Preschool, PreKindergarten, TransitionalKindergarten, Kindergarten, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, PostGraduate, Ungraded, Other.';

COMMENT ON COLUMN past.past_schools.high_grade IS 'Highest grade; compare by sort_order of the lookup grades. NULL if not sent. Clever documents: InfantToddler, Preschool, PreKindergarten, TransitionalKindergarten, Kindergarten, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, PostGraduate, Ungraded, Other.';

COMMENT ON COLUMN past.past_schools.phone IS 'Phone number of the school, as the district entered it.';

COMMENT ON COLUMN past.past_schools.location_address IS 'Street address of the school; not standardized.';

COMMENT ON COLUMN past.past_schools.location_city IS 'City of the school.';

COMMENT ON COLUMN past.past_schools.location_state IS 'US state or territory of the school; mostly two letters.';

COMMENT ON COLUMN past.past_schools.location_zip IS 'ZIP code of the school; text, because it may begin with zeros.';

COMMENT ON COLUMN past.past_schools.location_lat IS 'Latitude of the school; text, as Clever sent it.';

COMMENT ON COLUMN past.past_schools.location_lon IS 'Longitude of the school; text, as Clever sent it.';

COMMENT ON COLUMN past.past_schools.principal_name IS 'Name of the principal.';

COMMENT ON COLUMN past.past_schools.principal_email IS 'E-mail of the principal.';

COMMENT ON COLUMN past.past_schools.created_at IS 'When Clever created the record.';

COMMENT ON COLUMN past.past_schools.last_modified_at IS 'When Clever last changed the record. A change of this alone makes no version.';

COMMENT ON COLUMN past.past_schools.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN past.past_schools.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_schools.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN past.past_schools.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_schools.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_schools.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.schools_history IS 'Every version of every row of schools.';

COMMENT ON COLUMN main.schools_history.school_id IS 'Clever ID of the school.';

COMMENT ON COLUMN main.schools_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.schools_history.name IS 'Name of the school.';

COMMENT ON COLUMN main.schools_history.sis_id IS 'ID of the school in the student information system (SIS); text, because it may begin with zeros.';

COMMENT ON COLUMN main.schools_history.school_number IS 'Number that the district gave the school; text, because it may begin with zeros.';

COMMENT ON COLUMN main.schools_history.state_id IS 'ID that the state gave the school; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.schools_history.nces_id IS 'ID of the school at the National Center for Education Statistics (NCES); text, because it may begin with zeros.';

COMMENT ON COLUMN main.schools_history.mdr_number IS 'Number of the school in the directory of MDR; text, because it may begin with zeros.';

COMMENT ON COLUMN main.schools_history.low_grade IS 'Lowest grade; compare by sort_order of the lookup grades. NULL if not sent. Clever documents: InfantToddler, Preschool, PreKindergarten, TransitionalKindergarten, Kindergarten, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, PostGraduate, Ungraded, Other.';

COMMENT ON COLUMN main.schools_history.high_grade IS 'Highest grade; compare by sort_order of the lookup grades. NULL if not sent. Clever documents: InfantToddler, Preschool, PreKindergarten, TransitionalKindergarten, Kindergarten, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, PostGraduate, Ungraded, Other.';

COMMENT ON COLUMN main.schools_history.phone IS 'Phone number of the school, as the district entered it.';

COMMENT ON COLUMN main.schools_history.location_address IS 'Street address of the school; not standardized.';

COMMENT ON COLUMN main.schools_history.location_city IS 'City of the school.';

COMMENT ON COLUMN main.schools_history.location_state IS 'US state or territory of the school; mostly two letters.';

COMMENT ON COLUMN main.schools_history.location_zip IS 'ZIP code of the school; text, because it may begin with zeros.';

COMMENT ON COLUMN main.schools_history.location_lat IS 'Latitude of the school; text, as Clever sent it.';

COMMENT ON COLUMN main.schools_history.location_lon IS 'Longitude of the school; text, as Clever sent it.';

COMMENT ON COLUMN main.schools_history.principal_name IS 'Name of the principal.';

COMMENT ON COLUMN main.schools_history.principal_email IS 'E-mail of the principal.';

COMMENT ON COLUMN main.schools_history.created_at IS 'When Clever created the record.';

COMMENT ON COLUMN main.schools_history.last_modified_at IS 'When Clever last changed the record. A change of this alone makes no version.';

COMMENT ON COLUMN main.schools_history.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN main.schools_history.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.schools_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.schools_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.schools_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.schools_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_schools_versions IS 'The rows of schools_history, under a name that no other database has: macros read it. Query schools_history instead.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.school_id IS 'Clever ID of the school.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.name IS 'Name of the school.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.sis_id IS 'ID of the school in the student information system (SIS); text, because it may begin with zeros.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.school_number IS 'Number that the district gave the school; text, because it may begin with zeros.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.state_id IS 'ID that the state gave the school; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.nces_id IS 'ID of the school at the National Center for Education Statistics (NCES); text, because it may begin with zeros.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.mdr_number IS 'Number of the school in the directory of MDR; text, because it may begin with zeros.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.low_grade IS 'Lowest grade; compare by sort_order of the lookup grades. NULL if not sent. Clever documents: InfantToddler, Preschool, PreKindergarten, TransitionalKindergarten, Kindergarten, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, PostGraduate, Ungraded, Other.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.high_grade IS 'Highest grade; compare by sort_order of the lookup grades. NULL if not sent. Clever documents: InfantToddler, Preschool, PreKindergarten, TransitionalKindergarten, Kindergarten, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, PostGraduate, Ungraded, Other.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.phone IS 'Phone number of the school, as the district entered it.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.location_address IS 'Street address of the school; not standardized.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.location_city IS 'City of the school.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.location_state IS 'US state or territory of the school; mostly two letters.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.location_zip IS 'ZIP code of the school; text, because it may begin with zeros.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.location_lat IS 'Latitude of the school; text, as Clever sent it.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.location_lon IS 'Longitude of the school; text, as Clever sent it.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.principal_name IS 'Name of the principal.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.principal_email IS 'E-mail of the principal.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.created_at IS 'When Clever created the record.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.last_modified_at IS 'When Clever last changed the record. A change of this alone makes no version.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_schools_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE main.courses IS 'One row per district and course currently in Clever.';

COMMENT ON COLUMN main.courses.course_id IS 'Clever ID of the course.';

COMMENT ON COLUMN main.courses.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.courses.name IS 'Name of the course; NULL if not sent.';

COMMENT ON COLUMN main.courses.number IS 'Number that the district gave the course; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.courses.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.courses.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.courses.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.courses.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_courses IS 'The ended versions of the rows of courses, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_courses.course_id IS 'Clever ID of the course.';

COMMENT ON COLUMN past.past_courses.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_courses.name IS 'Name of the course; NULL if not sent.';

COMMENT ON COLUMN past.past_courses.number IS 'Number that the district gave the course; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN past.past_courses.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_courses.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN past.past_courses.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_courses.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_courses.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.courses_history IS 'Every version of every row of courses.';

COMMENT ON COLUMN main.courses_history.course_id IS 'Clever ID of the course.';

COMMENT ON COLUMN main.courses_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.courses_history.name IS 'Name of the course; NULL if not sent.';

COMMENT ON COLUMN main.courses_history.number IS 'Number that the district gave the course; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.courses_history.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.courses_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.courses_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.courses_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.courses_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_courses_versions IS 'The rows of courses_history, under a name that no other database has: macros read it. Query courses_history instead.';

COMMENT ON COLUMN main.clever_warehouse_courses_versions.course_id IS 'Clever ID of the course.';

COMMENT ON COLUMN main.clever_warehouse_courses_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_courses_versions.name IS 'Name of the course; NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_courses_versions.number IS 'Number that the district gave the course; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_courses_versions.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_courses_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_courses_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_courses_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_courses_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE main.terms IS 'One row per district and term currently in Clever.';

COMMENT ON COLUMN main.terms.term_id IS 'Clever ID of the term.';

COMMENT ON COLUMN main.terms.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.terms.name IS 'Name of the term; NULL if not sent.';

COMMENT ON COLUMN main.terms.start_date IS 'First day of the term; NULL if not sent.';

COMMENT ON COLUMN main.terms.end_date IS 'Last day of the term; NULL if not sent.';

COMMENT ON COLUMN main.terms.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.terms.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.terms.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.terms.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_terms IS 'The ended versions of the rows of terms, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_terms.term_id IS 'Clever ID of the term.';

COMMENT ON COLUMN past.past_terms.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_terms.name IS 'Name of the term; NULL if not sent.';

COMMENT ON COLUMN past.past_terms.start_date IS 'First day of the term; NULL if not sent.';

COMMENT ON COLUMN past.past_terms.end_date IS 'Last day of the term; NULL if not sent.';

COMMENT ON COLUMN past.past_terms.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_terms.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN past.past_terms.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_terms.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_terms.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.terms_history IS 'Every version of every row of terms.';

COMMENT ON COLUMN main.terms_history.term_id IS 'Clever ID of the term.';

COMMENT ON COLUMN main.terms_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.terms_history.name IS 'Name of the term; NULL if not sent.';

COMMENT ON COLUMN main.terms_history.start_date IS 'First day of the term; NULL if not sent.';

COMMENT ON COLUMN main.terms_history.end_date IS 'Last day of the term; NULL if not sent.';

COMMENT ON COLUMN main.terms_history.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.terms_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.terms_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.terms_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.terms_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_terms_versions IS 'The rows of terms_history, under a name that no other database has: macros read it. Query terms_history instead.';

COMMENT ON COLUMN main.clever_warehouse_terms_versions.term_id IS 'Clever ID of the term.';

COMMENT ON COLUMN main.clever_warehouse_terms_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_terms_versions.name IS 'Name of the term; NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_terms_versions.start_date IS 'First day of the term; NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_terms_versions.end_date IS 'Last day of the term; NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_terms_versions.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_terms_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_terms_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_terms_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_terms_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE main.sections IS 'One row per district and section (class) currently in Clever.';

COMMENT ON COLUMN main.sections.section_id IS 'Clever ID of the section.';

COMMENT ON COLUMN main.sections.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.sections.school_id IS 'Clever ID of the school. May be missing from schools, because districts share only some of them.';

COMMENT ON COLUMN main.sections.course_id IS 'Clever ID of the course; NULL if the section has none.';

COMMENT ON COLUMN main.sections.term_id IS 'Clever ID of the term; NULL if the section has none.';

COMMENT ON COLUMN main.sections.teacher_id IS 'Clever v3 ID of the primary teacher; NULL if not sent. All teachers are in section_teachers.';

COMMENT ON COLUMN main.sections.name IS 'Name of the section. Clever makes it of the course, the teacher''s last name and the period, so it names a person; not unique.';

COMMENT ON COLUMN main.sections.sis_id IS 'ID of the section in the student information system (SIS); text, because it may begin with zeros.';

COMMENT ON COLUMN main.sections.section_number IS 'Number that the district gave the section; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.sections.period IS 'Period of the school day; NULL if not sent.';

COMMENT ON COLUMN main.sections.subject IS 'Subject of the section; NULL if not sent. Clever documents: english/language arts, math, science, social studies, language, homeroom/advisory, interventions/online learning, technology and engineering, PE and health, arts and music, other.';

COMMENT ON COLUMN main.sections.grade IS 'Grade of the section; students of other grades may be in it. Sort by the lookup grades. NULL if not sent. Clever documents: InfantToddler, Preschool, PreKindergarten, TransitionalKindergarten, Kindergarten, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, PostGraduate, Ungraded, Other.';

COMMENT ON COLUMN main.sections.synced_in_lms IS 'Whether Clever has synced the section to the district''s learning management system (LMS); NULL means not sent, which is not false.';

COMMENT ON COLUMN main.sections.created_at IS 'When Clever created the record.';

COMMENT ON COLUMN main.sections.last_modified_at IS 'When Clever last changed the record. A change of this alone makes no version.';

COMMENT ON COLUMN main.sections.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN main.sections.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.sections.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.sections.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.sections.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_sections IS 'The ended versions of the rows of sections, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_sections.section_id IS 'Clever ID of the section.';

COMMENT ON COLUMN past.past_sections.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_sections.school_id IS 'Clever ID of the school. May be missing from schools, because districts share only some of them.';

COMMENT ON COLUMN past.past_sections.course_id IS 'Clever ID of the course; NULL if the section has none.';

COMMENT ON COLUMN past.past_sections.term_id IS 'Clever ID of the term; NULL if the section has none.';

COMMENT ON COLUMN past.past_sections.teacher_id IS 'Clever v3 ID of the primary teacher; NULL if not sent. All teachers are in section_teachers.';

COMMENT ON COLUMN past.past_sections.name IS 'Name of the section. Clever makes it of the course, the teacher''s last name and the period, so it names a person; not unique.';

COMMENT ON COLUMN past.past_sections.sis_id IS 'ID of the section in the student information system (SIS); text, because it may begin with zeros.';

COMMENT ON COLUMN past.past_sections.section_number IS 'Number that the district gave the section; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN past.past_sections.period IS 'Period of the school day; NULL if not sent.';

COMMENT ON COLUMN past.past_sections.subject IS 'Subject of the section; NULL if not sent. Clever documents: english/language arts, math, science, social studies, language, homeroom/advisory, interventions/online learning, technology and engineering, PE and health, arts and music, other.';

COMMENT ON COLUMN past.past_sections.grade IS 'Grade of the section; students of other grades may be in it. Sort by the lookup grades. NULL if not sent. Clever documents: InfantToddler, Preschool, PreKindergarten, TransitionalKindergarten, Kindergarten, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, PostGraduate, Ungraded, Other.';

COMMENT ON COLUMN past.past_sections.synced_in_lms IS 'Whether Clever has synced the section to the district''s learning management system (LMS); NULL means not sent, which is not false.';

COMMENT ON COLUMN past.past_sections.created_at IS 'When Clever created the record.';

COMMENT ON COLUMN past.past_sections.last_modified_at IS 'When Clever last changed the record. A change of this alone makes no version.';

COMMENT ON COLUMN past.past_sections.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN past.past_sections.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_sections.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN past.past_sections.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_sections.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_sections.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.sections_history IS 'Every version of every row of sections.';

COMMENT ON COLUMN main.sections_history.section_id IS 'Clever ID of the section.';

COMMENT ON COLUMN main.sections_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.sections_history.school_id IS 'Clever ID of the school. May be missing from schools, because districts share only some of them.';

COMMENT ON COLUMN main.sections_history.course_id IS 'Clever ID of the course; NULL if the section has none.';

COMMENT ON COLUMN main.sections_history.term_id IS 'Clever ID of the term; NULL if the section has none.';

COMMENT ON COLUMN main.sections_history.teacher_id IS 'Clever v3 ID of the primary teacher; NULL if not sent. All teachers are in section_teachers.';

COMMENT ON COLUMN main.sections_history.name IS 'Name of the section. Clever makes it of the course, the teacher''s last name and the period, so it names a person; not unique.';

COMMENT ON COLUMN main.sections_history.sis_id IS 'ID of the section in the student information system (SIS); text, because it may begin with zeros.';

COMMENT ON COLUMN main.sections_history.section_number IS 'Number that the district gave the section; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.sections_history.period IS 'Period of the school day; NULL if not sent.';

COMMENT ON COLUMN main.sections_history.subject IS 'Subject of the section; NULL if not sent. Clever documents: english/language arts, math, science, social studies, language, homeroom/advisory, interventions/online learning, technology and engineering, PE and health, arts and music, other.';

COMMENT ON COLUMN main.sections_history.grade IS 'Grade of the section; students of other grades may be in it. Sort by the lookup grades. NULL if not sent. Clever documents: InfantToddler, Preschool, PreKindergarten, TransitionalKindergarten, Kindergarten, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, PostGraduate, Ungraded, Other.';

COMMENT ON COLUMN main.sections_history.synced_in_lms IS 'Whether Clever has synced the section to the district''s learning management system (LMS); NULL means not sent, which is not false.';

COMMENT ON COLUMN main.sections_history.created_at IS 'When Clever created the record.';

COMMENT ON COLUMN main.sections_history.last_modified_at IS 'When Clever last changed the record. A change of this alone makes no version.';

COMMENT ON COLUMN main.sections_history.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN main.sections_history.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.sections_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.sections_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.sections_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.sections_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_sections_versions IS 'The rows of sections_history, under a name that no other database has: macros read it. Query sections_history instead.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.section_id IS 'Clever ID of the section.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.school_id IS 'Clever ID of the school. May be missing from schools, because districts share only some of them.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.course_id IS 'Clever ID of the course; NULL if the section has none.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.term_id IS 'Clever ID of the term; NULL if the section has none.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.teacher_id IS 'Clever v3 ID of the primary teacher; NULL if not sent. All teachers are in section_teachers.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.name IS 'Name of the section. Clever makes it of the course, the teacher''s last name and the period, so it names a person; not unique.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.sis_id IS 'ID of the section in the student information system (SIS); text, because it may begin with zeros.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.section_number IS 'Number that the district gave the section; text, because it may begin with zeros. NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.period IS 'Period of the school day; NULL if not sent.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.subject IS 'Subject of the section; NULL if not sent. Clever documents: english/language arts, math, science, social studies, language, homeroom/advisory, interventions/online learning, technology and engineering, PE and health, arts and music, other.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.grade IS 'Grade of the section; students of other grades may be in it. Sort by the lookup grades. NULL if not sent. Clever documents: InfantToddler, Preschool, PreKindergarten, TransitionalKindergarten, Kindergarten, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, PostGraduate, Ungraded, Other.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.synced_in_lms IS 'Whether Clever has synced the section to the district''s learning management system (LMS); NULL means not sent, which is not false.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.created_at IS 'When Clever created the record.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.last_modified_at IS 'When Clever last changed the record. A change of this alone makes no version.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.ext IS 'Custom fields of the district under the district''s own names, as Clever sent them; NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_sections_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE main.section_students IS 'One row per district, section, and student in it.';

COMMENT ON COLUMN main.section_students.section_id IS 'Clever ID of the section.';

COMMENT ON COLUMN main.section_students.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.section_students.student_id IS 'Clever v3 ID of the student: user_id in students. May be missing from students, because districts share only some of them.';

COMMENT ON COLUMN main.section_students.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.section_students.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.section_students.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.section_students.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_section_students IS 'The ended versions of the rows of section_students, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_section_students.section_id IS 'Clever ID of the section.';

COMMENT ON COLUMN past.past_section_students.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_section_students.student_id IS 'Clever v3 ID of the student: user_id in students. May be missing from students, because districts share only some of them.';

COMMENT ON COLUMN past.past_section_students.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_section_students.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN past.past_section_students.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_section_students.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_section_students.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.section_students_history IS 'Every version of every row of section_students.';

COMMENT ON COLUMN main.section_students_history.section_id IS 'Clever ID of the section.';

COMMENT ON COLUMN main.section_students_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.section_students_history.student_id IS 'Clever v3 ID of the student: user_id in students. May be missing from students, because districts share only some of them.';

COMMENT ON COLUMN main.section_students_history.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.section_students_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.section_students_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.section_students_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.section_students_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_section_students_versions IS 'The rows of section_students_history, under a name that no other database has: macros read it. Query section_students_history instead.';

COMMENT ON COLUMN main.clever_warehouse_section_students_versions.section_id IS 'Clever ID of the section.';

COMMENT ON COLUMN main.clever_warehouse_section_students_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_section_students_versions.student_id IS 'Clever v3 ID of the student: user_id in students. May be missing from students, because districts share only some of them.';

COMMENT ON COLUMN main.clever_warehouse_section_students_versions.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_section_students_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_section_students_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_section_students_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_section_students_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE main.section_teachers IS 'One row per district, section, and teacher of it: the primary teacher and co-teachers.';

COMMENT ON COLUMN main.section_teachers.section_id IS 'Clever ID of the section.';

COMMENT ON COLUMN main.section_teachers.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.section_teachers.teacher_id IS 'Clever v3 ID of the teacher: user_id in teachers. May be missing from teachers, because districts share only some of them.';

COMMENT ON COLUMN main.section_teachers.is_primary IS 'Whether the teacher is the primary one: teacher_id of the section, or the first teacher in Clever''s order if the section has no teacher_id. If teacher_id is none of the teachers, no teacher is.';

COMMENT ON COLUMN main.section_teachers.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.section_teachers.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.section_teachers.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.section_teachers.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_section_teachers IS 'The ended versions of the rows of section_teachers, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_section_teachers.section_id IS 'Clever ID of the section.';

COMMENT ON COLUMN past.past_section_teachers.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_section_teachers.teacher_id IS 'Clever v3 ID of the teacher: user_id in teachers. May be missing from teachers, because districts share only some of them.';

COMMENT ON COLUMN past.past_section_teachers.is_primary IS 'Whether the teacher is the primary one: teacher_id of the section, or the first teacher in Clever''s order if the section has no teacher_id. If teacher_id is none of the teachers, no teacher is.';

COMMENT ON COLUMN past.past_section_teachers.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_section_teachers.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN past.past_section_teachers.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_section_teachers.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_section_teachers.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.section_teachers_history IS 'Every version of every row of section_teachers.';

COMMENT ON COLUMN main.section_teachers_history.section_id IS 'Clever ID of the section.';

COMMENT ON COLUMN main.section_teachers_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.section_teachers_history.teacher_id IS 'Clever v3 ID of the teacher: user_id in teachers. May be missing from teachers, because districts share only some of them.';

COMMENT ON COLUMN main.section_teachers_history.is_primary IS 'Whether the teacher is the primary one: teacher_id of the section, or the first teacher in Clever''s order if the section has no teacher_id. If teacher_id is none of the teachers, no teacher is.';

COMMENT ON COLUMN main.section_teachers_history.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.section_teachers_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.section_teachers_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.section_teachers_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.section_teachers_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_section_teachers_versions IS 'The rows of section_teachers_history, under a name that no other database has: macros read it. Query section_teachers_history instead.';

COMMENT ON COLUMN main.clever_warehouse_section_teachers_versions.section_id IS 'Clever ID of the section.';

COMMENT ON COLUMN main.clever_warehouse_section_teachers_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_section_teachers_versions.teacher_id IS 'Clever v3 ID of the teacher: user_id in teachers. May be missing from teachers, because districts share only some of them.';

COMMENT ON COLUMN main.clever_warehouse_section_teachers_versions.is_primary IS 'Whether the teacher is the primary one: teacher_id of the section, or the first teacher in Clever''s order if the section has no teacher_id. If teacher_id is none of the teachers, no teacher is.';

COMMENT ON COLUMN main.clever_warehouse_section_teachers_versions.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_section_teachers_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_section_teachers_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_section_teachers_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_section_teachers_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE main.resources IS 'One row per district and resource currently in Clever.';

COMMENT ON COLUMN main.resources.resource_id IS 'Clever ID of the resource.';

COMMENT ON COLUMN main.resources.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.resources.internal_resource_id IS 'ID that the app gave the resource. Clever calls it resource_id.';

COMMENT ON COLUMN main.resources.title IS 'Title of the resource.';

COMMENT ON COLUMN main.resources.roles IS 'The roles that the resource is for, sorted; empty if not sent. Clever documents: student, teacher.';

COMMENT ON COLUMN main.resources.created_at IS 'When Clever created the resource.';

COMMENT ON COLUMN main.resources.updated_at IS 'When Clever last changed the resource. A change of this alone makes no version.';

COMMENT ON COLUMN main.resources.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.resources.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.resources.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.resources.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_resources IS 'The ended versions of the rows of resources, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_resources.resource_id IS 'Clever ID of the resource.';

COMMENT ON COLUMN past.past_resources.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_resources.internal_resource_id IS 'ID that the app gave the resource. Clever calls it resource_id.';

COMMENT ON COLUMN past.past_resources.title IS 'Title of the resource.';

COMMENT ON COLUMN past.past_resources.roles IS 'The roles that the resource is for, sorted; empty if not sent. Clever documents: student, teacher.';

COMMENT ON COLUMN past.past_resources.created_at IS 'When Clever created the resource.';

COMMENT ON COLUMN past.past_resources.updated_at IS 'When Clever last changed the resource. A change of this alone makes no version.';

COMMENT ON COLUMN past.past_resources.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_resources.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN past.past_resources.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_resources.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_resources.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.resources_history IS 'Every version of every row of resources.';

COMMENT ON COLUMN main.resources_history.resource_id IS 'Clever ID of the resource.';

COMMENT ON COLUMN main.resources_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.resources_history.internal_resource_id IS 'ID that the app gave the resource. Clever calls it resource_id.';

COMMENT ON COLUMN main.resources_history.title IS 'Title of the resource.';

COMMENT ON COLUMN main.resources_history.roles IS 'The roles that the resource is for, sorted; empty if not sent. Clever documents: student, teacher.';

COMMENT ON COLUMN main.resources_history.created_at IS 'When Clever created the resource.';

COMMENT ON COLUMN main.resources_history.updated_at IS 'When Clever last changed the resource. A change of this alone makes no version.';

COMMENT ON COLUMN main.resources_history.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.resources_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.resources_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.resources_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.resources_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_resources_versions IS 'The rows of resources_history, under a name that no other database has: macros read it. Query resources_history instead.';

COMMENT ON COLUMN main.clever_warehouse_resources_versions.resource_id IS 'Clever ID of the resource.';

COMMENT ON COLUMN main.clever_warehouse_resources_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_resources_versions.internal_resource_id IS 'ID that the app gave the resource. Clever calls it resource_id.';

COMMENT ON COLUMN main.clever_warehouse_resources_versions.title IS 'Title of the resource.';

COMMENT ON COLUMN main.clever_warehouse_resources_versions.roles IS 'The roles that the resource is for, sorted; empty if not sent. Clever documents: student, teacher.';

COMMENT ON COLUMN main.clever_warehouse_resources_versions.created_at IS 'When Clever created the resource.';

COMMENT ON COLUMN main.clever_warehouse_resources_versions.updated_at IS 'When Clever last changed the resource. A change of this alone makes no version.';

COMMENT ON COLUMN main.clever_warehouse_resources_versions.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_resources_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_resources_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_resources_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_resources_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE main.resource_courses IS 'One row per district, resource, and course it is assigned to. Clever lists these only per resource, so they are read only if CLEVER_RECORDS names them.';

COMMENT ON COLUMN main.resource_courses.resource_id IS 'Clever ID of the resource. May be missing from resources after a sync of events.';

COMMENT ON COLUMN main.resource_courses.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.resource_courses.course_id IS 'Clever ID of the course. May be missing from courses, because districts share only some of them.';

COMMENT ON COLUMN main.resource_courses.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.resource_courses.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.resource_courses.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.resource_courses.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON TABLE past.past_resource_courses IS 'The ended versions of the rows of resource_courses, and a row (change archived) for each time a row was gone.';

COMMENT ON COLUMN past.past_resource_courses.resource_id IS 'Clever ID of the resource. May be missing from resources after a sync of events.';

COMMENT ON COLUMN past.past_resource_courses.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN past.past_resource_courses.course_id IS 'Clever ID of the course. May be missing from courses, because districts share only some of them.';

COMMENT ON COLUMN past.past_resource_courses.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN past.past_resource_courses.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN past.past_resource_courses.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN past.past_resource_courses.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON COLUMN past.past_resource_courses.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON VIEW main.resource_courses_history IS 'Every version of every row of resource_courses.';

COMMENT ON COLUMN main.resource_courses_history.resource_id IS 'Clever ID of the resource. May be missing from resources after a sync of events.';

COMMENT ON COLUMN main.resource_courses_history.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.resource_courses_history.course_id IS 'Clever ID of the course. May be missing from courses, because districts share only some of them.';

COMMENT ON COLUMN main.resource_courses_history.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.resource_courses_history.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.resource_courses_history.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.resource_courses_history.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.resource_courses_history.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.clever_warehouse_resource_courses_versions IS 'The rows of resource_courses_history, under a name that no other database has: macros read it. Query resource_courses_history instead.';

COMMENT ON COLUMN main.clever_warehouse_resource_courses_versions.resource_id IS 'Clever ID of the resource. May be missing from resources after a sync of events.';

COMMENT ON COLUMN main.clever_warehouse_resource_courses_versions.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.clever_warehouse_resource_courses_versions.course_id IS 'Clever ID of the course. May be missing from courses, because districts share only some of them.';

COMMENT ON COLUMN main.clever_warehouse_resource_courses_versions.first_seen_at IS 'When this warehouse first saw the row in the district; kept through absence and return.';

COMMENT ON COLUMN main.clever_warehouse_resource_courses_versions.extra IS 'Fields from Clever that have no column of their own, under Clever''s names: unknown fields, values of an unexpected type, and dates that cannot be read. null means that a value was too large to keep. NULL if there are none.';

COMMENT ON COLUMN main.clever_warehouse_resource_courses_versions.valid_from IS 'When a sync put this version of the row into the warehouse.';

COMMENT ON COLUMN main.clever_warehouse_resource_courses_versions.valid_to IS 'When a sync ended this version of the row; NULL if it is the latest.';

COMMENT ON COLUMN main.clever_warehouse_resource_courses_versions.change IS 'What happened in this version: created, updated, restored, or archived (the row is no longer in Clever).';

COMMENT ON VIEW main.grades IS 'One row per grade that Clever documents, in sort order.';

COMMENT ON COLUMN main.grades.grade IS 'Clever''s value, as in the columns with grades.';

COMMENT ON COLUMN main.grades.sort_order IS 'Place among the grades, from 1: sort by it, because as text 10 comes before 2.';

COMMENT ON COLUMN main.grades.label IS 'Name of the grade for reports, such as Grade 10.';

COMMENT ON VIEW main.home_languages IS 'One row per home language that Clever documents, by code. Clever does not pair codes with names: the pairs are our judgment.';

COMMENT ON COLUMN main.home_languages.code IS 'Clever''s code, the value of home_language_code in students.';

COMMENT ON COLUMN main.home_languages.name IS 'Clever''s name, the value of home_language in students.';

COMMENT ON COLUMN main.home_languages.iso_part IS 'The first part of ISO 639 that has the code: 639-2 or 639-3; none for other.';

COMMENT ON COLUMN main.home_languages.scope IS 'What ISO 639 counts the code as: individual (one language), macrolanguage (several closely related ones), collective (a group of languages), or none.';

COMMENT ON VIEW main.student_roster IS 'One row per district and student: names, grade, primary school, and how many schools, sections and contacts.';

COMMENT ON COLUMN main.student_roster.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.student_roster.student_id IS 'Clever v3 ID of the student: user_id in users and students.';

COMMENT ON COLUMN main.student_roster.first_name IS 'First name of the student.';

COMMENT ON COLUMN main.student_roster.middle_name IS 'Middle name of the student.';

COMMENT ON COLUMN main.student_roster.last_name IS 'Last name of the student.';

COMMENT ON COLUMN main.student_roster.email IS 'E-mail of the student.';

COMMENT ON COLUMN main.student_roster.sis_id IS 'ID of the student in the student information system (SIS); text, because it may begin with zeros.';

COMMENT ON COLUMN main.student_roster.grade IS 'Grade of the student; NULL if not sent.';

COMMENT ON COLUMN main.student_roster.grade_order IS 'Place of the grade in the lookup grades; NULL if the grade is NULL or not documented.';

COMMENT ON COLUMN main.student_roster.school_id IS 'Clever ID of the primary school, as Clever sent it; NULL if not sent, although the student has schools.';

COMMENT ON COLUMN main.student_roster.school_name IS 'Name of the school; NULL if the district does not share it.';

COMMENT ON COLUMN main.student_roster.school_count IS 'Schools of the student: school_ids in students, and school_id if it is not among them.';

COMMENT ON COLUMN main.student_roster.section_count IS 'Sections that the student is in, whatever their term. 0 also if the district shares no sections.';

COMMENT ON COLUMN main.student_roster.current_section_count IS 'Of these, sections whose term is in progress today, or of which it is not known: is_in_progress in section_rosters is not false.';

COMMENT ON COLUMN main.student_roster.contact_count IS 'Different contacts of the student. 0 also if the district shares no contacts.';

COMMENT ON VIEW main.section_rosters IS 'One row per district, section and student in it, with course, term, school, and teacher of record; sections of all terms. A section without students has no row.';

COMMENT ON COLUMN main.section_rosters.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.section_rosters.section_id IS 'Clever ID of the section.';

COMMENT ON COLUMN main.section_rosters.section_name IS 'Name of the section. Clever makes it of the course, the teacher''s last name and the period; not unique.';

COMMENT ON COLUMN main.section_rosters.period IS 'Period of the school day; NULL if not sent.';

COMMENT ON COLUMN main.section_rosters.subject IS 'Subject of the section; NULL if not sent.';

COMMENT ON COLUMN main.section_rosters.course_id IS 'Clever ID of the course; NULL if the section has none.';

COMMENT ON COLUMN main.section_rosters.course_name IS 'Name of the course; NULL if it has none, or is not in courses.';

COMMENT ON COLUMN main.section_rosters.course_number IS 'Number that the district gave the course.';

COMMENT ON COLUMN main.section_rosters.term_id IS 'Clever ID of the term; NULL if the section has none.';

COMMENT ON COLUMN main.section_rosters.term_name IS 'Name of the term; NULL if it has none, or is not in terms.';

COMMENT ON COLUMN main.section_rosters.is_in_progress IS 'Whether the term of the section is in progress today: the date in the time zone of your session, first and last day included. A date that was not sent is no limit. NULL if it is not known: the section has no term, or one that is not in terms, without dates, or with a date that cannot be read. NULL is not false: for current sections write is_in_progress IS DISTINCT FROM false.';

COMMENT ON COLUMN main.section_rosters.school_id IS 'Clever ID of the school of the section.';

COMMENT ON COLUMN main.section_rosters.school_name IS 'Name of the school; NULL if the district does not share it.';

COMMENT ON COLUMN main.section_rosters.teacher_id IS 'Clever v3 ID of the teacher of record: the primary teacher in section_teachers, else the only teacher. NULL if there is none, or several of whom none is primary.';

COMMENT ON COLUMN main.section_rosters.teacher_first_name IS 'First name of the teacher of record.';

COMMENT ON COLUMN main.section_rosters.teacher_last_name IS 'Last name of the teacher of record; NULL also if the district does not share the teacher.';

COMMENT ON COLUMN main.section_rosters.teacher_count IS 'Teachers of the section, co-teachers included.';

COMMENT ON COLUMN main.section_rosters.student_id IS 'Clever v3 ID of the student: user_id in users and students.';

COMMENT ON COLUMN main.section_rosters.student_first_name IS 'First name of the student; NULL also if the district does not share the student.';

COMMENT ON COLUMN main.section_rosters.student_last_name IS 'Last name of the student.';

COMMENT ON COLUMN main.section_rosters.student_grade IS 'Grade of the student, which may be another one than that of the section.';

COMMENT ON COLUMN main.section_rosters.is_cross_school IS 'Whether the section is at another school than the student''s primary school; NULL if either is not known.';

COMMENT ON VIEW main.student_contacts IS 'One row per district, student and contact. What contact_students has as several rows, because a contact may have several relationships to a student, is one row. A relationship without a student has no row.';

COMMENT ON COLUMN main.student_contacts.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.student_contacts.student_id IS 'Clever v3 ID of the student: user_id in users and students.';

COMMENT ON COLUMN main.student_contacts.student_first_name IS 'First name of the student; NULL also if the district does not share the student.';

COMMENT ON COLUMN main.student_contacts.student_last_name IS 'Last name of the student.';

COMMENT ON COLUMN main.student_contacts.school_id IS 'Clever ID of the student''s primary school.';

COMMENT ON COLUMN main.student_contacts.school_name IS 'Name of the school; NULL if the district does not share it.';

COMMENT ON COLUMN main.student_contacts.contact_id IS 'Clever v3 ID of the contact: user_id in users and contacts.';

COMMENT ON COLUMN main.student_contacts.contact_first_name IS 'First name of the contact, as sent; mostly NULL.';

COMMENT ON COLUMN main.student_contacts.contact_middle_name IS 'Middle name of the contact, as sent; mostly NULL.';

COMMENT ON COLUMN main.student_contacts.contact_last_name IS 'Last name of the contact, as sent. Clever mostly sends the full name here: do not split it.';

COMMENT ON COLUMN main.student_contacts.relationship IS 'What the contact is to the student; several are sorted and separated by a comma and a blank. NULL if not sent.';

COMMENT ON COLUMN main.student_contacts.type IS 'In which capacity the contact is to be reached; several are sorted and separated by a comma and a blank. NULL if not sent.';

COMMENT ON COLUMN main.student_contacts.phone IS 'Phone number of the contact, as the district entered it.';

COMMENT ON COLUMN main.student_contacts.phone_type IS 'What kind of phone it is; NULL if not sent.';

COMMENT ON COLUMN main.student_contacts.email IS 'E-mail of the contact.';

COMMENT ON VIEW main.staff_directory IS 'One row per district and user with an employee role (teacher, staff, or district_admin). Users with the same e-mail are not merged.';

COMMENT ON COLUMN main.staff_directory.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.staff_directory.user_id IS 'Clever v3 ID of the person (the user).';

COMMENT ON COLUMN main.staff_directory.first_name IS 'First name of the person.';

COMMENT ON COLUMN main.staff_directory.last_name IS 'Last name of the person.';

COMMENT ON COLUMN main.staff_directory.email IS 'E-mail of the person; two people may have the same.';

COMMENT ON COLUMN main.staff_directory.roles IS 'All roles of the person, sorted.';

COMMENT ON COLUMN main.staff_directory.title IS 'Job title: that of the staff role, else of the teacher role, else of the district_admin role.';

COMMENT ON COLUMN main.staff_directory.department IS 'Department of the staff role.';

COMMENT ON COLUMN main.staff_directory.school_id IS 'Clever ID of the primary school of the teacher role; the other roles have none.';

COMMENT ON COLUMN main.staff_directory.school_ids IS 'Clever IDs of the schools of all roles together, sorted, without duplicates; empty if none, as of district admins.';

COMMENT ON COLUMN main.staff_directory.school_names IS 'Names of these schools, in the order of school_ids; NULL in the place of a school that the district does not share.';

COMMENT ON COLUMN main.staff_directory.section_count IS 'Sections of which the person is a teacher or co-teacher, whatever their term.';

COMMENT ON VIEW main.enrollment_by_grade IS 'One row per district, school and grade with students, and one for students without school or grade.';

COMMENT ON COLUMN main.enrollment_by_grade.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.enrollment_by_grade.school_id IS 'Clever ID of the school; NULL for students without one.';

COMMENT ON COLUMN main.enrollment_by_grade.school_name IS 'Name of the school; NULL if the district does not share it.';

COMMENT ON COLUMN main.enrollment_by_grade.grade IS 'Grade; NULL for students without one.';

COMMENT ON COLUMN main.enrollment_by_grade.grade_order IS 'Place of the grade in the lookup grades; NULL if the grade is NULL or not documented.';

COMMENT ON COLUMN main.enrollment_by_grade.student_count IS 'Students whose primary school it is. Each student counts once, so the sum over rows is a number of students.';

COMMENT ON COLUMN main.enrollment_by_grade.enrolled_count IS 'Students who have the school as primary or other school. A student of two schools counts in both: do not sum over schools.';

COMMENT ON TABLE main.legacy_id_crosswalk IS 'One row per link (district, role, legacy ID, v3 ID) ever seen. Links are never deleted.';

COMMENT ON COLUMN main.legacy_id_crosswalk.district_id IS 'Clever ID of the district; unknown if only a migration CSV has the link and nothing shows the district.';

COMMENT ON COLUMN main.legacy_id_crosswalk.role IS 'student, teacher, staff, district_admin or contact; unknown if only a migration CSV has the link and nothing shows the role.';

COMMENT ON COLUMN main.legacy_id_crosswalk.legacy_id IS 'ID of the person in this role before API v3.0.';

COMMENT ON COLUMN main.legacy_id_crosswalk.user_id IS 'Clever v3 ID that the source has for it.';

COMMENT ON COLUMN main.legacy_id_crosswalk.is_current IS 'Whether Clever shows this link now.';

COMMENT ON COLUMN main.legacy_id_crosswalk.first_seen_at IS 'When the link was first seen.';

COMMENT ON COLUMN main.legacy_id_crosswalk.last_seen_at IS 'When the link was last seen; after an approval, when the approved snapshot was read, and of a held link, when a held or rejected snapshot last showed it.';

COMMENT ON COLUMN main.legacy_id_crosswalk.ended_at IS 'When a sync found the link gone; NULL while it is current, and of a link that API v3 has never shown.';

COMMENT ON COLUMN main.legacy_id_crosswalk.end_reason IS 'Why it ended in the district: reassigned (the legacy ID is another user''s), role_removed (the user is still there) or archived; NULL while it is current, and of a link that API v3 has never shown.';

COMMENT ON COLUMN main.legacy_id_crosswalk.source IS 'Where the link comes from: api or event (a snapshot that was applied), held (only snapshots that were held or rejected), or migration_csv or v2.1 (API v3 has not shown it). Only links from api or event are ever current; a held link does not say who holds the legacy ID.';

COMMENT ON TABLE main.crosswalk_changes IS 'One row per legacy ID per sync in which its holder changed, disappeared, or returned; two or more rows if several users share the legacy ID. The rows of a legacy ID, in order, end with its latest holder.';

COMMENT ON COLUMN main.crosswalk_changes.observed_at IS 'When a sync saw the change.';

COMMENT ON COLUMN main.crosswalk_changes.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.crosswalk_changes.change IS 'The legacy ID has a new holder: merged (the former holder is gone, and legacy IDs of two or more users are now the new holder''s), split (the former holder''s legacy IDs went to two or more users, or the former holder kept one and the new holder was not in the district before the sync), role_moved (both users were in the district before the sync and still are) or reassigned (any other change of holder). No user has it in the role any more: legacy_id_replaced (the user has another one in the role), legacy_id_removed (the user has the role without one), role_lost (the user no longer has the role) or archived (the user is gone). Its holder is back: role_regained (the role) or restored (the user; also if the role or its legacy ID is another one now).';

COMMENT ON COLUMN main.crosswalk_changes.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN main.crosswalk_changes.legacy_id IS 'The legacy ID whose holder changed.';

COMMENT ON COLUMN main.crosswalk_changes.from_user_id IS 'Clever v3 ID of the former holder.';

COMMENT ON COLUMN main.crosswalk_changes.to_user_id IS 'Clever v3 ID of the new holder; NULL if no user has the legacy ID in the role after the sync.';

COMMENT ON COLUMN main.crosswalk_changes.from_is_gone IS 'Whether the former holder is gone from the district after the sync; NULL if there is none, and in rows recorded by versions before 0.2.';

COMMENT ON COLUMN main.crosswalk_changes.to_is_new IS 'Whether the sync was the first to see the new holder in the district; NULL if to_user_id is NULL, and in rows recorded by versions before 0.2.';

COMMENT ON COLUMN main.crosswalk_changes.replaced_by IS 'The legacy ID that the user has in the role instead; NULL except in rows with legacy_id_replaced.';

COMMENT ON TABLE sync.heirs IS 'One row per ID that is not the legacy ID of exactly one current link: where it leads. Read living_heirs instead.';

COMMENT ON COLUMN sync.heirs.id IS 'A legacy ID or v3 ID.';

COMMENT ON COLUMN sync.heirs.status IS 'current (one user in Clever holds or held the ID), inherited (one user in Clever, through users who are gone), ambiguous (several users, none chosen), gone (the last user is gone), or unconfirmed (only a migration CSV or API v2.1 has it).';

COMMENT ON COLUMN sync.heirs.user_id IS 'Clever v3 ID of the user it leads to; of a gone one, the last user. NULL if it is ambiguous.';

COMMENT ON COLUMN sync.heirs.user_ids IS 'The users it leads to if it is ambiguous, sorted; NULL otherwise.';

COMMENT ON COLUMN sync.heirs.is_living IS 'Whether it leads to a user who is in Clever, or to several.';

COMMENT ON COLUMN sync.heirs.role IS 'Role in which the ID is or was used; NULL for a v3 ID.';

COMMENT ON COLUMN sync.heirs.district_id IS 'Clever ID of the district of that user; of a gone one, of the last link.';

COMMENT ON COLUMN sync.heirs.since IS 'When a sync found that the ID has no user of its own any longer; NULL if it has one, or was never shown by API v3.';

COMMENT ON COLUMN sync.heirs.source IS 'api (API v3 showed the ID), migration_csv or v2.1 (only these have it).';

COMMENT ON COLUMN sync.heirs.is_legacy_id IS 'Whether it is a legacy ID; a student''s is the v3 ID too.';

COMMENT ON COLUMN sync.heirs.has_current_link IS 'Whether Clever shows a link of this legacy ID now.';

COMMENT ON VIEW main.living_heirs IS 'One row per ID ever seen, legacy or v3: the user it leads to now.';

COMMENT ON COLUMN main.living_heirs.id IS 'A legacy ID or v3 ID, as Clever writes it.';

COMMENT ON COLUMN main.living_heirs.status IS 'current (one user in Clever holds or held the ID), inherited (one user in Clever, through users who are gone), ambiguous (several users, none chosen), gone (the last user is gone), or unconfirmed (only a migration CSV or API v2.1 has it).';

COMMENT ON COLUMN main.living_heirs.user_id IS 'Clever v3 ID of the user it leads to; of a gone one, the last user. NULL if it is ambiguous.';

COMMENT ON COLUMN main.living_heirs.user_ids IS 'The users it leads to if it is ambiguous, sorted; NULL otherwise.';

COMMENT ON COLUMN main.living_heirs.is_living IS 'Whether it leads to a user who is in Clever, or to several.';

COMMENT ON COLUMN main.living_heirs.role IS 'Role in which the ID is or was used; NULL for a v3 ID.';

COMMENT ON COLUMN main.living_heirs.district_id IS 'Clever ID of the district of that user; of a gone one, of the last link.';

COMMENT ON COLUMN main.living_heirs.since IS 'When a sync found that the ID has no user of its own any longer; NULL if it has one, or was never shown by API v3.';

COMMENT ON COLUMN main.living_heirs.source IS 'api (API v3 showed the ID), migration_csv or v2.1 (only these have it).';

COMMENT ON COLUMN main.living_heirs.is_legacy_id IS 'Whether it is a legacy ID; a student''s is the v3 ID too.';

COMMENT ON VIEW main.clever_warehouse_living_heirs IS 'The rows of living_heirs, for the macros: they fail in another database, which has no relation with this name. Query living_heirs.';

COMMENT ON COLUMN main.clever_warehouse_living_heirs.id IS 'A legacy ID or v3 ID, as Clever writes it.';

COMMENT ON COLUMN main.clever_warehouse_living_heirs.status IS 'current (one user in Clever holds or held the ID), inherited (one user in Clever, through users who are gone), ambiguous (several users, none chosen), gone (the last user is gone), or unconfirmed (only a migration CSV or API v2.1 has it).';

COMMENT ON COLUMN main.clever_warehouse_living_heirs.user_id IS 'Clever v3 ID of the user it leads to; of a gone one, the last user. NULL if it is ambiguous.';

COMMENT ON COLUMN main.clever_warehouse_living_heirs.user_ids IS 'The users it leads to if it is ambiguous, sorted; NULL otherwise.';

COMMENT ON COLUMN main.clever_warehouse_living_heirs.is_living IS 'Whether it leads to a user who is in Clever, or to several.';

COMMENT ON COLUMN main.clever_warehouse_living_heirs.role IS 'Role in which the ID is or was used; NULL for a v3 ID.';

COMMENT ON COLUMN main.clever_warehouse_living_heirs.district_id IS 'Clever ID of the district of that user; of a gone one, of the last link.';

COMMENT ON COLUMN main.clever_warehouse_living_heirs.since IS 'When a sync found that the ID has no user of its own any longer; NULL if it has one, or was never shown by API v3.';

COMMENT ON COLUMN main.clever_warehouse_living_heirs.source IS 'api (API v3 showed the ID), migration_csv or v2.1 (only these have it).';

COMMENT ON COLUMN main.clever_warehouse_living_heirs.is_legacy_id IS 'Whether it is a legacy ID; a student''s is the v3 ID too.';

COMMENT ON VIEW main.current_user_of_legacy_id IS 'One row per legacy ID ever seen: the user it leads to. The same answers as v3_user_id, also from another database.';

COMMENT ON COLUMN main.current_user_of_legacy_id.legacy_id IS 'A legacy ID, as Clever writes it.';

COMMENT ON COLUMN main.current_user_of_legacy_id.user_id IS 'Clever v3 ID of the user it leads to; of a gone one, the last user. NULL if it is ambiguous.';

COMMENT ON COLUMN main.current_user_of_legacy_id.status IS 'current (one user in Clever holds or held the ID), inherited (one user in Clever, through users who are gone), ambiguous (several users, none chosen), gone (the last user is gone), or unconfirmed (only a migration CSV or API v2.1 has it).';

COMMENT ON COLUMN main.current_user_of_legacy_id.role IS 'Role in which the ID is or was used; NULL for a v3 ID.';

COMMENT ON COLUMN main.current_user_of_legacy_id.district_id IS 'Clever ID of the district of that user; of a gone one, of the last link.';

COMMENT ON COLUMN main.current_user_of_legacy_id.since IS 'When a sync found that the ID has no user of its own any longer; NULL if it has one, or was never shown by API v3.';

COMMENT ON COLUMN main.current_user_of_legacy_id.user_ids IS 'The users it leads to if it is ambiguous, sorted; NULL otherwise.';

COMMENT ON COLUMN main.current_user_of_legacy_id.source IS 'api (API v3 showed the ID), migration_csv or v2.1 (only these have it).';

COMMENT ON TABLE sync.imports IS 'One row per file of each import of migration CSVs.';

COMMENT ON COLUMN sync.imports.import_id IS 'ID of the import, or of the verification against API v2.1, that brought links.';

COMMENT ON COLUMN sync.imports.file IS 'File that was imported, as the person who imported it named it; v2.1 for a verification.';

COMMENT ON COLUMN sync.imports.imported_at IS 'When it was imported.';

COMMENT ON COLUMN sync.imports.source IS 'migration_csv or v2.1.';

COMMENT ON COLUMN sync.imports.is_of_one_district IS 'Whether all links of the file belong to one district.';

COMMENT ON COLUMN sync.imports.first_district_id IS 'Smallest Clever ID of the districts that its links are known to belong to.';

COMMENT ON COLUMN sync.imports.last_district_id IS 'Largest of these IDs; the same if they belong to one district.';

COMMENT ON COLUMN sync.imports.links IS 'Links that it brought and that API v3 had not shown by then.';

COMMENT ON COLUMN sync.imports.taken_back_at IS 'When the import was taken back; NULL if it was not.';

COMMENT ON TABLE sync.told_links IS 'One row per import and link that API v3 has not shown yet; the crosswalk derives its links of these sources from it.';

COMMENT ON COLUMN sync.told_links.import_id IS 'ID of the import.';

COMMENT ON COLUMN sync.told_links.file IS 'File of the import.';

COMMENT ON COLUMN sync.told_links.legacy_id IS 'A legacy ID.';

COMMENT ON COLUMN sync.told_links.user_id IS 'Clever v3 ID that the file has for it.';

COMMENT ON COLUMN sync.told_links.role IS 'student, teacher, staff, district_admin or contact, if the file has it.';

COMMENT ON COLUMN sync.told_links.district_id IS 'Clever ID of the district, if the file has it.';

COMMENT ON VIEW main.identity_chains IS 'Identity chains: every past and current ID of each person currently in Clever.';

COMMENT ON COLUMN main.identity_chains.user_id IS 'Clever v3 ID of a person currently in Clever.';

COMMENT ON COLUMN main.identity_chains.former_user_id IS 'A v3 ID that the person has, or had before a merge, split or reassignment.';

COMMENT ON COLUMN main.identity_chains.district_id IS 'Clever ID of the district; unknown if only a migration CSV has the link and nothing shows the district.';

COMMENT ON COLUMN main.identity_chains.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN main.identity_chains.legacy_id IS 'A legacy ID of that v3 ID.';

COMMENT ON COLUMN main.identity_chains.is_current IS 'Whether Clever shows this link now.';

COMMENT ON COLUMN main.identity_chains.first_seen_at IS 'When the link was first seen.';

COMMENT ON COLUMN main.identity_chains.last_seen_at IS 'When the link was last seen.';

COMMENT ON COLUMN main.identity_chains.ended_at IS 'When a sync found the link gone; NULL while it is current.';

COMMENT ON COLUMN main.identity_chains.end_reason IS 'Why it ended; NULL while it is current.';

COMMENT ON VIEW main.likely_same_person IS 'One row per user who is gone and user who is likely the same person, by evidence that proves nothing. No ID resolves by it.';

COMMENT ON COLUMN main.likely_same_person.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.likely_same_person.former_user_id IS 'Clever v3 ID of a user who is gone and from whom no ID leads to a user in Clever.';

COMMENT ON COLUMN main.likely_same_person.user_id IS 'Clever v3 ID of a user in the district now who was first seen there when the former user was archived, or later.';

COMMENT ON COLUMN main.likely_same_person.reason IS 'The strongest reason. same_sis_id (the same sis_id in the same role), returned_after_absence (the same sis_id or e-mail after 300 days or more, for which Clever makes a new ID), same_email, recreated_contact (a contact of the same name arrived in the sync that archived the former one) or changed_sis_id (a student, teacher or staff of the same name and another sis_id arrived in that sync).';

COMMENT ON COLUMN main.likely_same_person.reasons IS 'All reasons, sorted.';

COMMENT ON COLUMN main.likely_same_person.strength IS 'strong, medium or weak. same_sis_id is strong. same_email is strong if both users have a role in common, else medium. returned_after_absence is as strong as the sis_id or e-mail that it is based on. recreated_contact is medium, with the same e-mail strong. changed_sis_id is medium, without a school in common weak.';

COMMENT ON COLUMN main.likely_same_person.former_roles IS 'The roles that the former user had last, sorted.';

COMMENT ON COLUMN main.likely_same_person.roles IS 'The roles of the user now, sorted.';

COMMENT ON COLUMN main.likely_same_person.former_last_seen_at IS 'When a sync found the former user gone.';

COMMENT ON COLUMN main.likely_same_person.first_seen_at IS 'When a sync first saw the user in the district.';

COMMENT ON COLUMN main.likely_same_person.days_between IS 'Full days of 24 hours between these two; 0 if it was one sync.';

COMMENT ON TABLE sync.runs IS 'One row per district per sync, with the result.';

COMMENT ON COLUMN sync.runs.sync_id IS 'ID of the sync: the ID of the Dagster run that did it.';

COMMENT ON COLUMN sync.runs.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN sync.runs.sequence IS 'Order in which syncs and approvals were published, whatever the clock showed; 0 and below for those of versions of clever-warehouse that kept no order.';

COMMENT ON COLUMN sync.runs.mode IS 'full (everything read) or events.';

COMMENT ON COLUMN sync.runs.started_at IS 'When reading began.';

COMMENT ON COLUMN sync.runs.finished_at IS 'When the outcomes of the sync were written down.';

COMMENT ON COLUMN sync.runs.read_at IS 'When Clever showed what the row reports: the end of the read. Of an approval, the end of the read that was approved; NULL if the read did not end, and in rows of versions before 0.2.';

COMMENT ON COLUMN sync.runs.outcome IS 'applied, unchanged, held, failed, or disconnected.';

COMMENT ON COLUMN sync.runs.error IS 'Why nothing was applied, in a sentence; NULL if all went well.';

COMMENT ON COLUMN sync.runs.unverified IS 'Why the last read of the district could not be verified, one reason per element; empty if it could. NULL in rows of versions before 0.2.';

COMMENT ON COLUMN sync.runs.added IS 'People who are new.';

COMMENT ON COLUMN sync.runs.updated IS 'People of whom something changed.';

COMMENT ON COLUMN sync.runs.archived IS 'People who are gone.';

COMMENT ON COLUMN sync.runs.restored IS 'People who came back.';

COMMENT ON COLUMN sync.runs.digest IS 'SHA-256 that names what was read of all feeds together; NULL if the read did not end.';

COMMENT ON COLUMN sync.runs.by_role IS 'The same by role, by record type of other records, and by table of memberships, and how many there were before and unchanged; a person counts in every role. For a held snapshot, what it would change.';

COMMENT ON TABLE sync.receipts IS 'One row per stream, district and sync: what was read.';

COMMENT ON COLUMN sync.receipts.sync_id IS 'ID of the sync: the ID of the Dagster run that did it.';

COMMENT ON COLUMN sync.receipts.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN sync.receipts.feed IS 'What was read: users, or a role view (students, teachers, staff, district_admins, contacts).';

COMMENT ON COLUMN sync.receipts.pages IS 'Pages read.';

COMMENT ON COLUMN sync.receipts.records IS 'Records on them.';

COMMENT ON COLUMN sync.receipts.bytes IS 'Bytes kept of these records: all of a user, the IDs in a role view.';

COMMENT ON COLUMN sync.receipts.first_id IS 'ID of the first record.';

COMMENT ON COLUMN sync.receipts.last_id IS 'ID of the last record.';

COMMENT ON COLUMN sync.receipts.digest IS 'The first 128 bits of the SHA-256 of the records as lines, whatever the page size.';

COMMENT ON COLUMN sync.receipts.complete IS 'Whether the chain of pages was followed to its end.';

COMMENT ON TABLE sync.districts IS 'One row per district ever connected.';

COMMENT ON COLUMN sync.districts.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN sync.districts.connected IS 'Whether the token list shows the district; the data of one that left stay.';

COMMENT ON COLUMN sync.districts.first_seen_at IS 'When the district was first seen in the token list.';

COMMENT ON COLUMN sync.districts.last_seen_at IS 'When the district was last seen in the token list.';

COMMENT ON COLUMN sync.districts.not_shared IS 'Streams that Clever refused as a whole (403 or 404) in the latest read of the district, sorted: their rows stay as they are. NULL before the first read.';

COMMENT ON VIEW main.district_freshness IS 'One row per district ever connected: how fresh its rows are, and how fresh Clever''s own data of the district is.';

COMMENT ON COLUMN main.district_freshness.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.district_freshness.connected IS 'Whether the token list shows the district.';

COMMENT ON COLUMN main.district_freshness.up_to_date_as_of IS 'When Clever showed what the district''s rows hold; NULL before its first good sync.';

COMMENT ON COLUMN main.district_freshness.is_up_to_date IS 'Whether the latest sync of the district was applied or unchanged.';

COMMENT ON COLUMN main.district_freshness.name IS 'Name of the district; NULL if Clever never showed it.';

COMMENT ON COLUMN main.district_freshness.freshness IS 'The first of these that is true now: disconnected (not in the token list), ours_stale (the latest sync of the district failed or is held, or the last good one is more than 36 hours old: what Clever shows is not known), paused (Clever syncs nothing for the time being, mostly in summer; no fault), sis_stale (Clever reports an error of its sync from the SIS, or did not sync for more than 72 hours), fresh.';

COMMENT ON COLUMN main.district_freshness.reason IS 'Of ours_stale: failed, held or disconnected (the latest sync), never_synced, or old. Of sis_stale: error (its text is in districts.error) or old. Of fresh: sis_unknown (the last good sync did not read districts, or Clever does not say when it synced). NULL otherwise.';

COMMENT ON COLUMN main.district_freshness.sis_synced_at IS 'When Clever last synced from the SIS, as of the last good sync; NULL if that did not read it.';

COMMENT ON COLUMN main.district_freshness.paused_until IS 'When the pause ends; NULL if the district is not paused, or Clever names no end.';

COMMENT ON VIEW main.held_legacy_ids IS 'One row per legacy ID in snapshots that were held or rejected, and in links that were not applied since.';

COMMENT ON COLUMN main.held_legacy_ids.legacy_id IS 'A legacy ID.';

COMMENT ON COLUMN main.held_legacy_ids.user_ids IS 'Clever v3 IDs of the users at whom a held or rejected snapshot showed it, sorted.';

COMMENT ON COLUMN main.held_legacy_ids.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.held_legacy_ids.is_rejected IS 'Whether the latest of these snapshots was rejected.';

COMMENT ON TABLE sync.holds IS 'One row per snapshot held for approval because it changes too much.';

COMMENT ON COLUMN sync.holds.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN sync.holds.digest IS 'SHA-256 that names the held snapshot; approve and reject ask for it.';

COMMENT ON COLUMN sync.holds.held_at IS 'When a sync first held it.';

COMMENT ON COLUMN sync.holds.sequence IS 'Order in which snapshots were held; that of sync.runs.';

COMMENT ON COLUMN sync.holds.sync_id IS 'ID of the sync that read it last.';

COMMENT ON COLUMN sync.holds.seen_at IS 'When a sync read it last.';

COMMENT ON COLUMN sync.holds.state IS 'held (waits for a decision), approved, rejected, released (a later sync needed no decision) or superseded (a later sync read something else).';

COMMENT ON COLUMN sync.holds.why IS 'Which limits it exceeds, as sentences.';

COMMENT ON COLUMN sync.holds.exceeded IS 'The same as objects: of (a role, record type, or table of memberships), change (archived or updated), count, before (how many there were), limit (percent), is_loss (only those count that nothing new replaces), and is_rollover (the limit is that of the rollover). NULL if a version before 0.2 held it.';

COMMENT ON COLUMN sync.holds.by_role IS 'What it would change, by role, record type, and table of memberships.';

COMMENT ON COLUMN sync.holds.archived IS 'People it would archive; NULL if a version before 0.2 held it.';

COMMENT ON COLUMN sync.holds.continuing IS 'Of these, people who continue under other IDs: the snapshot shows one of their legacy IDs, in the same role, at another user; NULL if a version before 0.2 held it.';

COMMENT ON COLUMN sync.holds.students IS 'What it would do to students: one object per school and grade, with the students before, arriving, archived, leaving for another school, and changing grade. NULL if a version before 0.2 held it.';

COMMENT ON COLUMN sync.holds.decided_at IS 'When it was approved or rejected.';

COMMENT ON COLUMN sync.holds.decided_by IS 'Who approved or rejected it.';

COMMENT ON COLUMN sync.holds.reason IS 'Why it was approved or rejected.';

COMMENT ON COLUMN sync.holds.applied_at IS 'When it was applied after approval.';

COMMENT ON TABLE sync.counts IS 'One row per district, kind, school, grade, and run of days with the same count. Read sync.daily_counts instead.';

COMMENT ON COLUMN sync.counts.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN sync.counts.kind IS 'A role (student, teacher, staff, district_admin, contact) or a record type (users, schools, sections, ...). A user with several roles counts once in each, and once in users. A type that is not shared or not synced keeps its last counts.';

COMMENT ON COLUMN sync.counts.school_id IS 'Clever ID of the school: the primary school of a student or teacher, the school of a section, the school of staff with only one. NULL for all others, so that each record counts once and counts can be added up.';

COMMENT ON COLUMN sync.counts.grade IS 'Grade of a student; NULL for all others, and for students without a grade.';

COMMENT ON COLUMN sync.counts.first_day IS 'First day (in UTC) for which the count holds.';

COMMENT ON COLUMN sync.counts.last_day IS 'Last day for which it held; NULL if it still holds.';

COMMENT ON COLUMN sync.counts.count IS 'Records, at the end of the last sync of these days.';

COMMENT ON VIEW sync.daily_counts IS 'One row per day, district, kind, school, and grade of which the district had records, from the first sync that counted to the day of the district''s last good sync. sum(count) is the headcount. A combination without records has no row.';

COMMENT ON COLUMN sync.daily_counts.day IS 'The day, in UTC: 2026-10-01 is from 2026-10-01 00:00 UTC on for 24 hours. min(day) of a district is where its counts begin.';

COMMENT ON COLUMN sync.daily_counts.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN sync.daily_counts.kind IS 'A role (student, teacher, staff, district_admin, contact) or a record type (users, schools, sections, ...). A user with several roles counts once in each, and once in users. A type that is not shared or not synced keeps its last counts.';

COMMENT ON COLUMN sync.daily_counts.school_id IS 'Clever ID of the school: the primary school of a student or teacher, the school of a section, the school of staff with only one. NULL for all others, so that each record counts once and counts can be added up.';

COMMENT ON COLUMN sync.daily_counts.grade IS 'Grade of a student; NULL for all others, and for students without a grade.';

COMMENT ON COLUMN sync.daily_counts.count IS 'Records after the last good sync of the day, or of the latest day before it that had one.';

COMMENT ON TABLE sync.fields IS 'One row per field that a district''s records have or had.';

COMMENT ON COLUMN sync.fields.stream IS 'What was read, such as users.';

COMMENT ON COLUMN sync.fields.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN sync.fields.path IS 'Where the field is in a record, such as roles.student.grade. An object in which more than 200 unknown fields were ever seen has one row for all of them, such as roles.student.*; records counts each record once.';

COMMENT ON COLUMN sync.fields.kind IS 'known (a field of Clever''s specs), or how it differs from the specs: unknown_field (a field that the specs do not list; it is in extra), unknown_role (a role that the specs do not list; it is in extra of users), unknown_value (a value that the specs do not list; it is in its column), unexpected_type (a value of another type than documented; it is in extra), doubled_field (a field that occurs twice in one object; both are in extra), too_large (a value too large to keep; extra has null in its place).';

COMMENT ON COLUMN sync.fields.records IS 'Records that had it when it was last seen; of a known field, records that have it now.';

COMMENT ON COLUMN sync.fields.example_id IS 'ID of one such record; NULL for a known field.';

COMMENT ON COLUMN sync.fields.is_present IS 'Whether the latest read of the district had it.';

COMMENT ON COLUMN sync.fields.first_seen_at IS 'When a sync first saw it.';

COMMENT ON COLUMN sync.fields.last_seen_at IS 'When a sync last saw it.';

COMMENT ON VIEW sync.drift IS 'Where a district''s records differ from Clever''s specs, or from what they were: by path, without values.';

COMMENT ON COLUMN sync.drift.stream IS 'What was read, such as users.';

COMMENT ON COLUMN sync.drift.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN sync.drift.path IS 'Where it is in a record, such as roles.student.grade. An object in which more than 200 unknown fields were ever seen has one row for all of them, such as roles.student.*; records counts each record once.';

COMMENT ON COLUMN sync.drift.kind IS 'unknown_field (a field that the specs do not list; it is in extra), unknown_role (a role that the specs do not list; it is in extra of users), unknown_value (a value that the specs do not list; it is in its column), unexpected_type (a value of another type than documented; it is in extra), doubled_field (a field that occurs twice in one object; both are in extra), too_large (a value too large to keep; extra has null in its place), field_appeared (the latest applied sync of the district was the first to see the field), field_withdrawn (no record has the field any longer, or all have null).';

COMMENT ON COLUMN sync.drift.records IS 'Records that had it when it was last seen; 0 for a field that was withdrawn.';

COMMENT ON COLUMN sync.drift.example_id IS 'ID of one such record; NULL for a field that appeared or was withdrawn.';

COMMENT ON COLUMN sync.drift.is_present IS 'Whether the latest read of the district had it.';

COMMENT ON COLUMN sync.drift.first_seen_at IS 'When a sync first saw it.';

COMMENT ON COLUMN sync.drift.last_seen_at IS 'When a sync last saw it.';

COMMENT ON TABLE sync.findings IS 'One row per record per data-quality rule it violates or has violated.';

COMMENT ON COLUMN sync.findings.check IS 'The rule that is broken: a check of sync.checks.';

COMMENT ON COLUMN sync.findings.severity IS 'error or warning.';

COMMENT ON COLUMN sync.findings.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN sync.findings.record_id IS 'ID of the record that breaks the rule: a user ID, unless the rule is about something else.';

COMMENT ON COLUMN sync.findings.related_id IS 'ID of another record that the finding is about, such as the user who had the sis_id before, the student of a contact, or the school of a section; of several, the smallest. NULL if there is none.';

COMMENT ON COLUMN sync.findings.first_seen_at IS 'When a sync first found it.';

COMMENT ON COLUMN sync.findings.last_seen_at IS 'When a sync last found it.';

COMMENT ON COLUMN sync.findings.resolved_at IS 'When a sync found it gone; NULL while it is open.';

COMMENT ON TABLE sync.repaired_records IS 'One row per current record in which Clever sent half of a character (an unpaired surrogate); U+FFFD replaces it.';

COMMENT ON COLUMN sync.repaired_records.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN sync.repaired_records.user_id IS 'Clever v3 ID of the user whose record it is.';

COMMENT ON TABLE sync.unexplained_legacy_ids IS 'One row per legacy ID that API v2.1 lists and that leads to no user in Clever.';

COMMENT ON COLUMN sync.unexplained_legacy_ids.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN sync.unexplained_legacy_ids.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN sync.unexplained_legacy_ids.legacy_id IS 'A legacy ID that API v2.1 lists.';

COMMENT ON COLUMN sync.unexplained_legacy_ids.first_seen_at IS 'When a verification first found that it leads to no user.';

COMMENT ON COLUMN sync.unexplained_legacy_ids.last_seen_at IS 'When a verification last found that it leads to no user.';

COMMENT ON COLUMN sync.unexplained_legacy_ids.resolved_at IS 'When a verification found that it leads to a user, or is no longer listed; NULL while it is open.';

COMMENT ON TABLE sync.verifications IS 'One row per role, district and verification of the crosswalk against API v2.1 (clever-warehouse verify-legacy).';

COMMENT ON COLUMN sync.verifications.verification_id IS 'ID of the verification; of the Dagster run, if one did it.';

COMMENT ON COLUMN sync.verifications.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN sync.verifications.role IS 'student, teacher, staff, district_admin or contact.';

COMMENT ON COLUMN sync.verifications.verified_at IS 'When the IDs were compared.';

COMMENT ON COLUMN sync.verifications.is_served IS 'Whether API v2.1 still serves the list of this role.';

COMMENT ON COLUMN sync.verifications.listed IS 'IDs that API v2.1 lists.';

COMMENT ON COLUMN sync.verifications.explained IS 'Of these, IDs that the crosswalk leads to one v3 ID.';

COMMENT ON COLUMN sync.verifications.ended IS 'Of the explained, IDs whose link is not current in API v3.';

COMMENT ON COLUMN sync.verifications.unexplained IS 'IDs that lead to no v3 ID, or to several.';

COMMENT ON COLUMN sync.verifications.differing IS 'Explained people whose e-mail or sis_id is another in API v3.';

COMMENT ON TABLE sync.checks IS 'One row per data-quality rule.';

COMMENT ON COLUMN sync.checks.check IS 'The name of the rule; unique over all tables.';

COMMENT ON COLUMN sync.checks.severity IS 'error or warning.';

COMMENT ON COLUMN sync.checks.description IS 'The rule as a sentence.';

COMMENT ON COLUMN sync.checks.digest IS 'SHA-256 of the rule and of what it reads, as they were when it was last evaluated.';

COMMENT ON VIEW main.open_findings IS 'Issues that district staff can fix: each open finding with the rule and the person it is about.';

COMMENT ON COLUMN main.open_findings.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN main.open_findings.severity IS 'error or warning.';

COMMENT ON COLUMN main.open_findings.check IS 'The rule that is broken.';

COMMENT ON COLUMN main.open_findings.description IS 'The rule as a sentence.';

COMMENT ON COLUMN main.open_findings.record_id IS 'ID of the record that breaks the rule: a user ID, unless the rule is about something else.';

COMMENT ON COLUMN main.open_findings.related_id IS 'ID of another record that the finding is about, such as the user who had the sis_id before, the student of a contact, or the school of a section; of several, the smallest. NULL if there is none.';

COMMENT ON COLUMN main.open_findings.first_name IS 'First name of the person.';

COMMENT ON COLUMN main.open_findings.last_name IS 'Last name of the person.';

COMMENT ON COLUMN main.open_findings.email IS 'E-mail of the person.';

COMMENT ON COLUMN main.open_findings.roles IS 'Roles of the person.';

COMMENT ON COLUMN main.open_findings.sis_ids IS 'The district''s own IDs of the person, in any role.';

COMMENT ON COLUMN main.open_findings.first_seen_at IS 'When a sync first found it.';

COMMENT ON COLUMN main.open_findings.last_seen_at IS 'When a sync last found it.';

COMMENT ON TABLE sync.rollbacks IS 'One row per rollback, or restore of a backup, that published this file or an earlier state of it again (clever-warehouse rollback, clever-warehouse restore). Between restored_from and rolled_back_at, users_as_of, user_roles_as_of and v3_user_id_as_of show the history of the restored file, not what was published then.';

COMMENT ON COLUMN sync.rollbacks.rolled_back_at IS 'When this file was published again.';

COMMENT ON COLUMN sync.rollbacks.restored_from IS 'When this file had been published before.';

COMMENT ON COLUMN sync.rollbacks.undone_from IS 'When the file that it replaced had been published; NULL if there was none.';

COMMENT ON TABLE sync.purges IS 'One row per purge of a person or district (clever-warehouse purge), without their data.';

COMMENT ON COLUMN sync.purges.purge_id IS 'Random ID of the purge.';

COMMENT ON COLUMN sync.purges.purged_at IS 'When the rows were removed from this file.';

COMMENT ON COLUMN sync.purges.kind IS 'user or district.';

COMMENT ON COLUMN sync.purges.subject IS 'HMAC-SHA256, with the key of the warehouse''s purges, of the ID that was named: who knows the ID and has the key can show that it was purged.';

COMMENT ON COLUMN sync.purges.rows IS 'Rows removed from this file.';

COMMENT ON COLUMN sync.purges.rows_by_table IS 'The same by table.';

COMMENT ON COLUMN sync.purges.links IS 'Of these, links of the crosswalk: the IDs no longer lead to a user.';

COMMENT ON COLUMN sync.purges.kept_files IS 'Files kept for rollbacks that rows were removed from.';

COMMENT ON COLUMN sync.purges.other_files IS 'Landing files, reports, exports and copies that were deleted.';

COMMENT ON COLUMN sync.purges.dagster_runs IS 'Dagster runs that were deleted because they named an ID.';

COMMENT ON COLUMN sync.purges.is_blocked IS 'Whether the next syncs leave the person out, too.';

COMMENT ON TABLE sync.blocked IS 'One row per ID that syncs leave out although Clever shares it: of people who were purged for good. Internal; it may change.';

COMMENT ON COLUMN sync.blocked.id_hash IS 'HMAC-SHA256, with the key of the warehouse''s purges, of an ID that syncs leave out.';

COMMENT ON COLUMN sync.blocked.blocked_at IS 'When it was blocked.';

COMMENT ON TABLE sync.clever_hosts IS 'One row per time the Clever host of the districts was recorded: by the first sync that read a district, and by the first from another host that CLEVER_HOST_CHANGE accepted. A sync against another host is refused.';

COMMENT ON COLUMN sync.clever_hosts.sequence IS 'Number of the sync that recorded it, as in sync.runs; the largest is the present host.';

COMMENT ON COLUMN sync.clever_hosts.host IS 'Name of the host in CLEVER_API_URL, without port; localhost for this machine.';

COMMENT ON COLUMN sync.clever_hosts.sync_id IS 'ID of the sync: the ID of the Dagster run that did it.';

COMMENT ON COLUMN sync.clever_hosts.recorded_at IS 'When the sync recorded it.';

COMMENT ON TABLE sync.migrations IS 'One row per schema version this file has had or contains; the largest number is its schema version.';

COMMENT ON COLUMN sync.migrations.number IS 'Schema version: the number of a file in sql/migrations.';

COMMENT ON COLUMN sync.migrations.name IS 'Name of the file, without its number.';

COMMENT ON COLUMN sync.migrations.applied_at IS 'When the file was migrated to this version, or created with it.';

COMMENT ON TABLE sync.layout IS 'One row: whether the columns, views, macros and comments of this file are up to date.';

COMMENT ON COLUMN sync.layout.fingerprint IS 'SHA-256 of the definitions this file was created or last updated with.';

COMMENT ON TABLE sync.lines IS 'One row per current record: what it is recognized by in the next sync. Internal; it may change.';

COMMENT ON COLUMN sync.lines.stream IS 'What was read, such as users.';

COMMENT ON COLUMN sync.lines.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN sync.lines.line IS 'XXH3 (64 bits) of the record as Clever sent it.';

COMMENT ON COLUMN sync.lines.record_id IS 'Clever ID of the record.';

COMMENT ON COLUMN sync.lines.roles IS 'Roles of a user, separated by commas.';

COMMENT ON TABLE sync.events IS 'One row per district and sync that read events, or that looked for what events had missed.';

COMMENT ON COLUMN sync.events.sync_id IS 'ID of the sync: the ID of the Dagster run that did it.';

COMMENT ON COLUMN sync.events.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN sync.events.record_types IS 'Record types of which events changed something, in the order of reading.';

COMMENT ON COLUMN sync.events.created IS 'Events that created or shared a record.';

COMMENT ON COLUMN sync.events.updated IS 'Events that updated a record.';

COMMENT ON COLUMN sync.events.deleted IS 'Events that deleted or unshared a record.';

COMMENT ON COLUMN sync.events.first_event_id IS 'Clever ID of the first event; NULL if there was none.';

COMMENT ON COLUMN sync.events.last_event_id IS 'Clever ID of the last event, after which the next sync of events continues.';

COMMENT ON COLUMN sync.events.reason IS 'Why the district was read in full although events were asked for, as a part of a sentence; NULL if it was not.';

COMMENT ON COLUMN sync.events.missed IS 'Of a full sync that followed syncs of events: how many records differed although no event had named them; sync.findings lists them (missed_by_events). NULL for others, and if the events could not be read again.';

COMMENT ON TABLE sync.event_cursors IS 'One row per district: where the next sync of events continues. Internal; it may change.';

COMMENT ON COLUMN sync.event_cursors.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN sync.event_cursors.event_id IS 'Clever ID of the last event that the rows contain; NULL if there was none yet.';

COMMENT ON COLUMN sync.event_cursors.source IS 'Host and API version that it is an event of.';

COMMENT ON COLUMN sync.event_cursors.records IS 'Record types that are up to date with the event.';

COMMENT ON COLUMN sync.event_cursors.read_at IS 'When it was known to be the newest.';

COMMENT ON TABLE sync.missed_by_events IS 'The records of which the latest full sync of a district found a change that no event had shown. Internal; it may change.';

COMMENT ON COLUMN sync.missed_by_events.stream IS 'What was read, such as users.';

COMMENT ON COLUMN sync.missed_by_events.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN sync.missed_by_events.record_id IS 'Clever ID of the record.';

COMMENT ON TABLE sync.line_forms IS 'One row per stream and district whose records can be recognized in the next sync. Internal; it may change.';

COMMENT ON COLUMN sync.line_forms.stream IS 'What was read, such as users.';

COMMENT ON COLUMN sync.line_forms.district_id IS 'Clever ID of the district.';

COMMENT ON COLUMN sync.line_forms.form IS 'How the hashes in sync.lines were computed, and what is made of the records.';
