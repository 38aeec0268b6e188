"""A reader's page -> the files that a browser loads: the page, its style, its script, and what keeps it offline."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256

from protocal import __version__
from protocal.model.settings import Settings
from protocal.render.page.values import ReaderPage
from protocal.render.pdf.templates import html, style_sheet

INDEX = "index.html"
_BESIDE = ("page.css", "page.js", "worker.js")
_MARK = "0" * 16


def page_html(page: ReaderPage, settings: Settings) -> bytes:
    """The page itself, with a mark by which it knows whether it is still the same.

    Raises ProtocalError for a mistake in a template of the site's.
    """
    data = html("page.html.j2", settings, page=page, mark=_MARK, producer=f"protocal {__version__}").encode()
    return data.replace(_MARK.encode(), sha256(data).hexdigest()[: len(_MARK)].encode(), 1)


def files_beside(page: ReaderPage, settings: Settings) -> Mapping[str, bytes]:
    """What the page loads from beside it, by name."""
    manifest = {"name": page.title, "short_name": page.title, "lang": page.language, "start_url": "./", "scope": "./"}
    text = json.dumps({**manifest, "display": "minimal-ui"}, ensure_ascii=False, indent=1)
    return {
        **{name: style_sheet(name, settings).encode() for name in _BESIDE},
        "manifest.webmanifest": text.encode(),
    }
