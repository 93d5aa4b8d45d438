"""Which files of the checkout are pages of the documentation site? A hook of MkDocs (mkdocs.yml).

The site has the layout of the checkout, so that a link leads to the same place on the site and where the repository is shown.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

CHECKOUT = Path(__file__).resolve().parents[1]
HOME = "README.md"
LINK = re.compile(r"\]\((?![a-z]+:)([^)\s#]+)")


def linked() -> list[str]:
    """Return the README and every file that links lead to from there, as paths in the checkout."""
    found = {HOME: None}
    for name in (waiting := [HOME]):
        for link in LINK.findall((CHECKOUT / name).read_text(encoding="utf-8")):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), link))
            if target not in found and (CHECKOUT / target).is_file():
                found[target] = None
                if target.endswith(".md"):
                    waiting.append(target)
    return list(found)


def on_files(files: Files, /, *, config: MkDocsConfig) -> Files:
    """Replace the files of docs/ by those that links lead to; the files of the theme stay."""
    ours = [File.generated(config, name, abs_src_path=str(CHECKOUT / name)) for name in linked()]
    return Files([*ours, *(file for file in files if file.src_dir != config.docs_dir)])
