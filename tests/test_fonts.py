"""The fonts that travel with the templates: whole files as their makers made them, with their licence."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from protocal import resources
from protocal.model.problems import LackingError
from protocal.render.pdf.fonts import font_faces, font_files

DIGESTS = {
    "IBMPlexSansCondensed-Bold.ttf": "b65492d86cdd5cd9d43d2671b55d5d36fec36859fc8b08bc6aba78e441d6c849",
    "IBMPlexSansCondensed-Regular.ttf": "e7437c072eef2ef592ae6f2beb0000446287385907abb57ac1cf07bcbaa2aa33",
    "IBMPlexSansCondensed-SemiBold.ttf": "a081ca60548aea14100757a2d6fe71ca60fd90ebce779c9a8ae5a0c8fb4526d4",
    "SourceSansPro-Bold.ttf": "2efc3a95d076f2d04c5928c0ad698b7c61cc302d6f6e79e9643cd3722f7becc2",
    "SourceSansPro-Regular.ttf": "b77f3a700edd0fc0dec73258f882d5c3926c77f5caf6800a201d2166568d2309",
}


def test_fonts_are_the_files_of_their_makers() -> None:
    """Another cut is as wide as it likes: where lines break, and so what fits on a page, would change."""
    assert {name: sha256(file.read_bytes()).hexdigest() for name, file in font_files().items()} == DIGESTS


def test_each_font_s_licence_stands_beside_it() -> None:
    folder = resources.folder("templates") / "fonts"
    for licence, name in (("OFL-IBM-Plex.txt", "Plex"), ("OFL-Source-Sans-Pro.txt", "Source")):
        text = (folder / licence).read_text(encoding="utf-8")
        assert "SIL OPEN FONT LICENSE Version 1.1" in text
        assert "Reserved Font Name" in text.partition("\n")[0]
        assert name in text.partition("\n")[0]


def test_the_style_names_each_file() -> None:
    assert all(font_faces().count(name) == 1 for name in DIGESTS)


def test_a_font_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(resources, "folder", lambda name: tmp_path / name)
    with pytest.raises(LackingError, match=r"IBMPlexSansCondensed-Regular\.ttf"):
        font_files()
