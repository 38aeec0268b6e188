"""A dated course -> what happens in it: its doses with their hours, punctures, bags, levels and evaluations."""

from protocal.plan.expand.clocks import OPEN_DAYS
from protocal.plan.expand.course import expand

__all__ = ["OPEN_DAYS", "expand"]
