"""Plan -> the printed sheets as format-neutral tables: an overview, and per course its orders and day grids."""

from protocal.render.roadmap.content.head import evidence_legend
from protocal.render.roadmap.sheets import Cell, CourseSheet, Line, OverviewSheet, Roadmap
from protocal.render.roadmap.which_sheets import bag_tables, make_roadmap, page_head

__all__ = [
    "Cell",
    "CourseSheet",
    "Line",
    "OverviewSheet",
    "Roadmap",
    "bag_tables",
    "evidence_legend",
    "make_roadmap",
    "page_head",
]
