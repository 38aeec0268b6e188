"""Who a calendar is made for."""

from __future__ import annotations

from enum import Enum


class Who(str, Enum):
    """A kind of reader: what each may see, and in which words, differs."""

    FAMILY = "family"
    CLINIC = "clinic"
    PHARMACY = "pharmacy"
