"""The streams are every list of the catalog, and the five roles of people, under Clever's names."""

from pipelines.clever import EVENTS, STREAMS


def test_the_streams_are_everybody_and_each_role_and_all_other_lists() -> None:
    assert [(stream.name, stream.path, stream.role) for stream in STREAMS] == [
        ("users", "/users", None),
        ("students", "/users", "student"),
        ("teachers", "/users", "teacher"),
        ("staff", "/users", "staff"),
        ("district_admins", "/users", "district_admin"),
        ("contacts", "/users", "contact"),
        *((name, f"/{name}", None) for name in ("districts", "schools", "courses", "terms", "sections", "resources")),
        ("resource_courses", "/resources/{id}/courses", None),
    ]


def test_the_list_of_one_record_is_requested_with_its_id_and_read_for_ids_alone() -> None:
    (courses,) = [stream for stream in STREAMS if stream.is_per_record]
    assert (courses.item_name, courses.after) == ("courses", STREAMS[-2])
    assert courses.of("a/b").first_uri("v3.0", 500) == "/v3.0/resources/a%2Fb/courses?limit=500"
    assert courses.of("a").only_ids


def test_the_first_page_is_requested_with_its_size_and_role() -> None:
    assert [stream.first_uri("v3.1", 500) for stream in STREAMS[:2]] == [
        "/v3.1/users?limit=500",
        "/v3.1/users?limit=500&role=student",
    ]


def test_districts_are_requested_without_parameters_and_events_by_the_thousand() -> None:
    (districts,) = [stream for stream in STREAMS if stream.name == "districts"]
    assert districts.first_uri("v3.0", 500) == "/v3.0/districts"
    assert EVENTS.first_uri("v3.0", 10_000) == "/v3.0/events?limit=1000"
