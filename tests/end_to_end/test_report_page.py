"""The report in a real browser: it asks no one, fits a phone, and can be read in light and dark."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.operations import report
from tests.browser import CHROMIUM, Browser, browsing

if TYPE_CHECKING:
    from tests.conftest import Begin

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

CONTRASTS = """
(() => {
    const parse = color => color.match(/[\\d.]+/g).map(Number);
    const light = color => parse(color).slice(0, 3).map(value => value / 255)
        .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
        .reduce((sum, value, number) => sum + value * [0.2126, 0.7152, 0.0722][number], 0);
    const behind = element => {
        for (let each = element; each; each = each.parentElement) {
            const color = getComputedStyle(each).backgroundColor;
            if (parse(color)[3] !== 0) return color;
        }
    };
    const least = {};
    for (const element of document.querySelectorAll("p, h1, h2, h3, th, td, small, a, b, span, li, summary, code, figcaption, text")) {
        const style = getComputedStyle(element);
        const own = element.tagName === "text" ? style.fill : style.color;
        const [darker, lighter] = [light(own), light(behind(element))].sort((one, other) => one - other);
        const contrast = (lighter + 0.05) / (darker + 0.05);
        const name = element.tagName.toLowerCase() + "." + element.className;
        if (contrast < 4.5) least[name] = contrast;
    }
    return JSON.stringify(least);
})()
"""
"""The elements whose text has less contrast than WCAG AA asks for."""


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with browsing(tmp_path / "profile") as made:
        yield made


def test_report_asks_no_one_fits_a_phone_and_is_readable_in_light_and_dark(
    begin: "Begin", browser: Browser, tmp_path: Path
) -> None:
    with begin(districts=2, users=120) as trial:
        trial.sync()
        page = report.write(trial.warehouse, tmp_path / "report.html")
    browser.open(page.as_uri())
    assert browser.value("document.querySelectorAll('table.heat td.g5').length") > 0
    for width in (1280, 390):
        browser.resize(width, 800, mobile=width < 500)
        assert browser.value("document.documentElement.scrollWidth") <= width
    papers = set()
    for scheme in ("light", "dark"):
        browser.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        papers.add(browser.value("getComputedStyle(document.body).backgroundColor"))
        assert json.loads(browser.value(CONTRASTS)) == {}, scheme
    assert len(papers) == 2
    assert [request["request"]["url"] for request in browser.called("Network.requestWillBeSent")] == [page.as_uri()]
    assert browser.called("Log.entryAdded") == []
    assert browser.called("Runtime.exceptionThrown") == []
