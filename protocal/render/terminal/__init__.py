"""Plan or protocol -> tables for a terminal, without colour, so that a pipe gets the same."""

from protocal.render.terminal.drugs import day_text, drugs_text
from protocal.render.terminal.plan import plan_text
from protocal.render.terminal.protocol import protocol_text

__all__ = ["day_text", "drugs_text", "plan_text", "protocol_text"]
