"""A dated course -> what happens in it: its doses with their hours, punctures, bags, levels and evaluations."""

from protocal.plan.expand.course import expand
from protocal.plan.expand.dose_hours import OPEN_DAYS

__all__ = ["OPEN_DAYS", "expand"]
