"""Which lists Clever has, apart from those of people in API v2.1."""

USERS = "users"
DISTRICTS = "districts"
SCHOOLS = "schools"
SECTIONS = "sections"
COURSES = "courses"
TERMS = "terms"
RESOURCES = "resources"
EVENTS = "events"

PLACES = (DISTRICTS, SCHOOLS, SECTIONS, COURSES, TERMS, RESOURCES)
"""The lists that are not of people."""
