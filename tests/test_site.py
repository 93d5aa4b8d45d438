"""The documentation site: it builds, every link in it leads to a place, and a reader's browser asks no other host."""

import os
import posixpath
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt

CHECKOUT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(f"docs/{file.name}" for file in (CHECKOUT / "docs").glob("*.md"))
OTHERS = ("README.md", "sql/README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
LOADED = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src", "video": "src"}
"""The attribute by which an element makes a browser load something."""
NOT_LOADED = {"canonical", "next", "prev"}
"""Links in the head of a page that a browser does not follow."""


def build(folder: Path, to: Path) -> subprocess.CompletedProcess[str]:
    """Build the site of a folder as `make site` does."""
    mkdocs = Path(sys.executable).with_name("mkdocs")
    env = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(
        [mkdocs, "build", "--site-dir", to], env=env, cwd=folder, capture_output=True, text=True, check=False
    )


@dataclass
class Page(HTMLParser):
    """The links of a page, what it loads, and the places in it that links may lead to."""

    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    diagrams: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.places |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if LOADED.get(tag) in given and given.get("rel") not in NOT_LOADED:
            self.loaded.append(given[LOADED[tag]])
        self.diagrams += "mermaid" in given.get("class", "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built site."""
    folder = tmp_path_factory.mktemp("site")
    done = build(CHECKOUT, folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    """Return every page by its path in the site."""
    found = {}
    for file in site.rglob("*.html"):
        page = found[file.relative_to(site).as_posix()] = Page()
        page.feed(file.read_text(encoding="utf-8"))
    return found


def test_site_has_every_document_with_the_readme_as_home(pages: dict[str, Page]) -> None:
    documents = {name.replace("README.md", "index.html").replace(".md", ".html") for name in (*DOCUMENTS, *OTHERS)}
    assert documents <= pages.keys()


def test_every_link_of_the_site_leads_to_a_place(site: Path, pages: dict[str, Page]) -> None:
    broken = []
    for name, page in pages.items():
        if name == "404.html":  # its links are absolute, because it is shown at any address
            continue
        for link in {*page.links, *page.loaded}:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (
                posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path))) if parts.path else name
            )
            target = "index.html" if target == "." else target
            places = pages[target].places if target in pages else set()
            if not (site / target).is_file() or (parts.fragment and unquote(parts.fragment) not in {*places, "__top"}):
                broken.append((name, link))
    assert broken == []


def test_site_loads_nothing_from_another_host(site: Path, pages: dict[str, Page]) -> None:
    assert {url for page in pages.values() for url in page.loaded if urlsplit(url).netloc} == set()
    styles = [file.read_text(encoding="utf-8") for file in site.rglob("*.css")]
    assert styles
    assert not [style for style in styles if "url(http" in style or "url(//" in style or "@import" in style]
    # The theme would fetch the program that draws them.
    assert sum(page.diagrams for page in pages.values()) == 0


def blocks(html: str) -> dict[str, int]:
    """Count what is not only text on a page."""
    return {
        tag: html.count(f"<{tag}>") + html.count(f"<{tag} ") for tag in ("ol", "ul", "li", "pre", "table", "tr", "h2")
    }


@pytest.mark.parametrize("name", [*DOCUMENTS, *OTHERS])
def test_page_has_the_lists_tables_and_examples_that_the_repository_shows(site: Path, name: str) -> None:
    """GitHub follows CommonMark, MkDocs does not: they differ in what is indented below an item of a list."""
    shown = MarkdownIt("commonmark").enable("table").render((CHECKOUT / name).read_text(encoding="utf-8"))
    built = (site / name.replace("README.md", "index.html").replace(".md", ".html")).read_text(encoding="utf-8")
    assert blocks(built.partition("<article")[2].partition("</article>")[0]) == blocks(shown)


@pytest.mark.parametrize("link", ["docs/missing.md", "docs/there.md#missing", "docs/"])
def test_site_with_a_link_that_leads_nowhere_is_not_built(tmp_path: Path, link: str) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "there.md").write_text("# There\n")
    (tmp_path / ".ci").mkdir()
    shutil.copy(CHECKOUT / ".ci" / "pages.py", tmp_path / ".ci")
    (tmp_path / "mkdocs.yml").write_text(
        f"INHERIT: {CHECKOUT / 'mkdocs.yml'}\nhooks: [.ci/pages.py]\nnav: [README.md, docs/there.md]\n"
    )
    home = tmp_path / "README.md"
    home.write_text("# Home\n\n[There](docs/there.md)\n")
    assert build(tmp_path, tmp_path / "site").returncode == 0
    home.write_text(f"{home.read_text()}\n[Nowhere]({link})\n")
    done = build(tmp_path, tmp_path / "site")
    assert done.returncode == 1
    assert link in done.stderr
