"""A plan -> what is so on each date: decided once, so that whatever is printed only has to say it."""

from protocal.account.account import make_account
from protocal.account.course import course_days
from protocal.account.end import end_of, ends_of
from protocal.account.history import Edition, editions, stock_editions
from protocal.account.starts import late_start
from protocal.account.stock import stock_at_home, stock_of

__all__ = [
    "Edition",
    "course_days",
    "editions",
    "end_of",
    "ends_of",
    "late_start",
    "make_account",
    "stock_at_home",
    "stock_editions",
    "stock_of",
]
