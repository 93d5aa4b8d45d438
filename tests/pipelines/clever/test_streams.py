"""The streams are everybody and the five roles, under Clever's names."""

from pipelines.clever import STREAMS


def test_the_six_streams_are_everybody_and_each_role() -> None:
    assert [(stream.name, stream.path, stream.role) for stream in STREAMS] == [
        ("users", "/users", None),
        ("students", "/users", "student"),
        ("teachers", "/users", "teacher"),
        ("staff", "/users", "staff"),
        ("district_admins", "/users", "district_admin"),
        ("contacts", "/users", "contact"),
    ]


def test_the_first_page_is_requested_with_its_size_and_role() -> None:
    assert [stream.first_uri("v3.1", 500) for stream in STREAMS[:2]] == [
        "/v3.1/users?limit=500",
        "/v3.1/users?limit=500&role=student",
    ]
