"""The feeds are everybody and the five roles, under Clever's names."""

from pipelines.clever import FEEDS


def test_the_six_feeds_are_everybody_and_each_role() -> None:
    assert [(feed.name, feed.path, feed.role) for feed in FEEDS] == [
        ("users", "/users", None),
        ("students", "/users", "student"),
        ("teachers", "/users", "teacher"),
        ("staff", "/users", "staff"),
        ("district_admins", "/users", "district_admin"),
        ("contacts", "/users", "contact"),
    ]


def test_the_first_page_is_asked_for_with_its_size_and_role() -> None:
    assert [feed.first_uri("v3.1", 500) for feed in FEEDS[:2]] == [
        "/v3.1/users?limit=500",
        "/v3.1/users?limit=500&role=student",
    ]
