"""Hooks of mkdocs: pages that are read on the forge become pages of the site.

On the forge a page names its other language in a line of its own, and a Chinese page links to Chinese files. On the
site the theme has a switch, and a link between two pages keeps the reader's language, unless a Chinese summary names
the English page that it is made of. Links to files outside docs/ lead to the forge if its address is known. A page
without a translation says so.

Diagrams are drawn in the reader's browser by a script that the site carries, if `make docs` has fetched it. Without it
the theme would have each reader fetch one from a public host, so then a diagram stays text.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
MERMAID = ROOT / "build/mermaid/mermaid.min.js"
SOURCE = ROOT / "build/docs/source/sayline"  # what mkdocs.yml has mkdocstrings read
# The first line of a page that has a twin, as the forge shows it.
OTHER_LANGUAGE = re.compile(r"^\[(?:中文|English)\]\([^)]+\)\n+", re.MULTILINE)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
UNTRANSLATED = '!!! note "本页尚无中文版"\n    以下是英文原文。中文文档从[首页]({home})开始。\n\n'


def on_startup(**_: object) -> None:
    """Show mkdocstrings the packages alone: the root of the repository, which is the package, also holds build/."""
    SOURCE.mkdir(parents=True, exist_ok=True)
    for name in ("__init__.py", "codecs", "gateway", "synthesis"):
        link = SOURCE / name
        if not link.is_symlink():
            link.symlink_to(ROOT / name)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Have each page load the script for its diagrams, or leave these as text."""
    if MERMAID.exists():
        config.extra_javascript.append("assets/mermaid.min.js")
    else:
        config.mdx_configs["pymdownx.superfences"]["custom_fences"] = []
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Put the script into the site."""
    if MERMAID.exists():
        files.append(File.generated(config, "assets/mermaid.min.js", abs_src_path=str(MERMAID)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links where a site can follow them, and name what is not translated."""
    del files
    own = page.file.src_uri  # of the file that is read, its language in its name
    translated = own.endswith(".zh.md")
    text = OTHER_LANGUAGE.sub("", markdown, count=1)
    text = _outside_fences(text, lambda part: LINK.sub(lambda link: _led(link, own, config.repo_url or ""), part))
    if page.file.dest_uri.startswith("zh/") and not translated:
        heading, _, rest = text.partition("\n")
        home = posixpath.relpath("index.md", posixpath.dirname(own) or ".")
        text = f"{heading}\n\n{UNTRANSLATED.format(home=home)}{rest}"
    return text


def _outside_fences(text: str, change: Callable[[str], str]) -> str:
    parts: list[str] = []
    at = 0
    for fence in FENCE.finditer(text):
        parts += [change(text[at : fence.start()]), fence[0]]
        at = fence.end()
    return "".join([*parts, change(text[at:])])


def _led(link: re.Match[str], own: str, forge: str) -> str:
    image, words, target, place = link[1], link[2], link[3], link[4] or ""
    if "://" in target:
        return link[0]
    path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(own), target))
    if path in ("README.md", "README.zh.md"):
        home = posixpath.relpath("index.md", posixpath.dirname(own) or ".")
        return f"{image}[{words}]({home})"
    if path == f"docs/{own.replace('.zh.md', '.md')}" != f"docs/{own}":  # mkdocs would lead it to the page itself
        page = path.removeprefix("docs/").removesuffix(".md")
        return f'<a href="{posixpath.relpath(page, posixpath.join("zh", page))}/">{words}</a>'
    if path.startswith("docs/"):
        return f"{image}[{words}]({target.replace('.zh.md', '.md')}{place})"
    if not (ROOT / path).exists():
        return link[0]  # mkdocs complains
    if forge:
        return f"{image}[{words}]({forge.rstrip('/')}/blob/main/{path})"
    return words if path in words else f"{words} (`{path}`)"
