"""Protocol and record -> plan: pure, in two steps, dated courses first and then what happens in each."""

from protocal.plan.planner import make_plan

__all__ = ["make_plan"]
