"""WeasyPrint in; the same WeasyPrint, remembering what it has worked out before, while a document is pressed.

A roadmap says the same few words in the same few styles on every line. WeasyPrint asks Pango for each of them anew, to
lay it out and again to draw it, and works out each size and each style as if it had never seen one. What is remembered
here depends on nothing but what it is remembered by, so each page is the same either way. A release of WeasyPrint that
this was not held against does all its own work, and sheets only take longer.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from types import SimpleNamespace
from typing import Any

KNOWN = "70."  # the releases of WeasyPrint whose parts these are

_Change = tuple[Any, str, Any]  # whose part, its name, what takes its place
_OF_TEXT = (  # all that WeasyPrint asks a style to lay out a text and to draw its letters
    *("direction", "font_family", "font_feature_settings", "font_kerning", "font_language_override", "font_size"),
    *("font_stretch", "font_style", "font_variant_alternates", "font_variant_caps", "font_variant_east_asian"),
    *("font_variant_ligatures", "font_variant_numeric", "font_variant_position", "font_variation_settings"),
    *("font_weight", "hyphenate_character", "hyphenate_limit_chars", "hyphenate_limit_zone", "hyphens", "lang"),
    *("letter_spacing", "overflow_wrap", "tab_size", "text_decoration_line", "white_space", "word_break"),
    "word_spacing",
)
_SIDES = ("top", "right", "bottom", "left")
_SIZES = (  # all that `resolve_percentages` says of a box
    *(f"{kind}_{side}" for kind in ("margin", "padding") for side in _SIDES),
    *(f"border_{side}_width" for side in _SIDES),
    *(f"{bound}{axis}" for bound in ("", "min_", "max_") for axis in ("width", "height")),
)
_OF_BOXES = frozenset((  # that each box is asked for, and few set
    *(f"{kind}_{side}" for kind in ("margin", "padding") for side in _SIDES),
    *(f"border_{side}_style" for side in _SIDES),
    *(f"border_{end}_{side}_radius" for end in ("top", "bottom") for side in ("left", "right")),
    *("border_image_source", "mask_border_source", "background_image", "background_color", "box_shadow", "opacity"),
    *("outline_style", "outline_offset", "outline_color", "image_orientation", "appearance", "transform", "overflow"),
    *("box_sizing", "box_decoration_break", "vertical_align", "anchor", "bookmark_level", "bookmark_state"),
    *("width", "min_width", "max_width", "height", "min_height", "max_height", "continue", "max_lines"),
    *("column_width", "column_count", "counter_reset", "counter_set", "counter_increment"),
))  # fmt: skip


@contextmanager
def quick(weasyprint: Any) -> Iterator[None]:
    """WeasyPrint remembers, until this ends: for one document, whose fonts are only in that."""
    parts = (_lines, _letters, _sizes, _styles, _file) if weasyprint.__version__.startswith(KNOWN) else ()
    changes = [change for part in parts for change in part(weasyprint)]
    before = [(owner, name, vars(owner)[name]) for owner, name, _new in changes]
    try:
        for change in changes:
            setattr(*change)
        yield
    finally:
        for change in before:
            setattr(*change)


def _lines(weasyprint: Any) -> Iterator[_Change]:
    """The first line of a text, by the text, its style and its room; the height of a line, by its style."""
    inline, preferred = weasyprint.layout.inline, weasyprint.layout.preferred
    split: Callable[..., tuple[Any, ...]] = inline.split_first_line
    measured: Callable[[Any], tuple[float, float]] = inline.strut
    known: dict[tuple[Any, ...], tuple[Any, ...]] = {}

    def first_line(text: str, style: Any, context: Any, *room: Any, **more: Any) -> tuple[Any, ...]:
        key = (text, _text_style(style), room, tuple(more.items()))
        if key not in known:
            known[key] = split(text, style, context, *room, **more)
        layout, *measures = known[key]
        return copy(layout), *measures  # its own, for a line may be cut or justified later

    def strut(style: Any) -> tuple[float, float]:
        try:
            found: tuple[float, float] = style.strut
        except AttributeError:
            found = style.strut = measured(style)
        return found

    yield inline, "split_first_line", first_line
    yield preferred, "split_first_line", first_line
    yield inline, "strut", strut


def _letters(weasyprint: Any) -> Iterator[_Change]:
    """What draws a text, but for its place, by the text and its style; Pango is asked only where it is not known."""
    text, layout_class = weasyprint.draw.text, weasyprint.text.line_break.Layout
    draw, reactivate = text.draw_first_line, layout_class.reactivate
    known: dict[tuple[Any, ...], tuple[list[Any], Any]] = {}

    def wait(layout: Any, style: Any) -> None:
        layout.style, layout.layout, layout.language = style, None, None

    def draw_letters(stream: Any, textbox: Any, text_overflow: Any, block_ellipsis: Any, matrix: Any) -> Any:
        layout = textbox.pango_layout
        key = (
            *(layout.text, textbox.text, _text_style(textbox.style), layout.justification_spacing, layout.max_width),
            *(text_overflow, block_ellipsis, stream._current_font),
        )
        if key in known:
            letters, stream._current_font = known[key]
            if letters:
                stream.set_text_matrix(*matrix.values)
                stream.stream += letters
            return []
        reactivate(layout, textbox.style)
        start = len(stream.stream) + 1  # after the matrix, which says the place
        emojis = draw(stream, textbox, text_overflow, block_ellipsis, matrix)
        if not emojis:
            known[key] = stream.stream[start:], stream._current_font
        return emojis

    yield layout_class, "reactivate", wait
    yield text, "draw_first_line", draw_letters


def _text_style(style: Any) -> str:
    try:
        said: str = style.of_text
    except AttributeError:
        said = style.of_text = repr([style[name] for name in _OF_TEXT])
    return said


def _sizes(weasyprint: Any) -> Iterator[_Change]:
    """The sizes of a box, by its style and the size of the box around it."""
    layout, boxes = weasyprint.layout, weasyprint.formatting_structure.boxes
    resolve: Callable[[Any, Any], None] = layout.percent.resolve_percentages

    def resolve_percentages(box: Any, containing_block: Any) -> None:
        style = box.style
        if isinstance(box, boxes.PageBox) or style["border_collapse"] == "collapse":
            resolve(box, containing_block)  # asks more than the style: the page's height, the borders of cells
            return
        if isinstance(containing_block, boxes.Box):
            room = containing_block.width, containing_block.height
        else:
            room = tuple(containing_block)
        try:
            known = style.sizes
        except AttributeError:
            known = style.sizes = {}
        if room in known:
            vars(box).update(known[room])
        else:
            resolve(box, containing_block)
            known[room] = {name: getattr(box, name) for name in _SIZES}

    for module in (layout.absolute, layout.block, layout.inline, layout.table):
        yield module, "resolve_percentages", resolve_percentages


def _styles(weasyprint: Any) -> Iterator[_Change]:
    """A property that nobody set, without a search: it is the parent's or the initial one, known from the start."""
    css = weasyprint.css
    begin, begin_anonymous = css.ComputedStyle.__init__, css.AnonymousStyle.__init__
    work_out: Callable[[Any, str], Any] = css.ComputedStyle.__missing__
    check_math = css.check_math
    physical = css.PHYSICAL_FUNCTIONS
    logical = {function(block="ttb", inline=inline) for function in physical.values() for inline in ("ltr", "rtl")}
    special = {name for name in css.INITIAL_VALUES if name.startswith(("text_decoration_", "__"))}
    special |= {"page", "position", "float", "display"}
    inherited = frozenset(css.INHERITED) - special
    initial = frozenset(css.INITIAL_VALUES) - inherited - special - frozenset(css.INITIAL_NOT_COMPUTED)

    at_first = {name: css.INITIAL_VALUES[name] for name in _OF_BOXES & initial}

    def computed(style: Any, parent_style: Any, cascaded: Any, *more: Any) -> None:
        begin(style, parent_style, cascaded, *more)
        if logical.isdisjoint(cascaded):
            style.update(at_first)
            for name in cascaded:
                style.pop(name, None)

    def anonymous(style: Any, parent_style: Any) -> None:
        begin_anonymous(style, parent_style)
        style.update(at_first)

    def missing(style: Any, name: str) -> Any:
        if name not in style.cascaded and (name not in physical or logical.isdisjoint(style.cascaded)):
            if name in initial:
                value = style[name] = css.INITIAL_VALUES[name]
                return value
            if name in inherited and style.parent_style is not None:
                value = style.parent_style[name]
                if not check_math(value):
                    style[name] = value
                    return value
        return work_out(style, name)

    yield css.ComputedStyle, "__init__", computed
    yield css.ComputedStyle, "__missing__", missing
    yield css.AnonymousStyle, "__init__", anonymous


def _file(weasyprint: Any) -> Iterator[_Change]:
    """The references to pages, which every part of the structure asks for, and zlib's usual strength.

    Its greatest takes five times as long, for a file that is smaller by a twentieth.
    """
    pydyf = weasyprint.pdf.pydyf
    references: Callable[[Any], Any] = pydyf.PDF.page_references.fget
    known: dict[tuple[int, int], Any] = {}

    def page_references(pdf: Any) -> Any:
        key = (id(pdf), len(pdf.pages["Kids"]))
        if key not in known:
            known[key] = references(pdf)
        return known[key]

    yield pydyf.PDF, "page_references", property(page_references)
    yield pydyf, "zlib", SimpleNamespace(compressobj=lambda level: zlib.compressobj())  # noqa: ARG005 - its signature
