"""A continuous infusion in; the table of its bags, with the pump stop, out."""

from __future__ import annotations

from protocal.render.roadmap.context import Context
from protocal.render.roadmap.sheets import BagTable
from protocal.words.figures import figure, paper_date
from protocal.words.plan import Infusion


def bag_table(context: Context, infusion: Infusion) -> BagTable:
    """The bags of an infusion, with its own title."""
    _ = context.text.gettext
    count = len(infusion.bags)
    return BagTable(
        title=_("BAGS of {agent}: {count}").format(agent=context.written(infusion.agent), count=count),
        bags=tuple(
            (
                _("{number} of {count}").format(number=number, count=count),
                f"{paper_date(bag.at.date())} {bag.at:%H:%M}" + (_(", closed day") if bag.on_closed_day else ""),
                _("{hours} h: {amount} {unit}").format(hours=bag.hours, amount=figure(bag.amount), unit=infusion.unit),
            )
            for number, bag in enumerate(infusion.bags, 1)
        ),
        stop=f"{paper_date(infusion.stop.date())} {infusion.stop:%H:%M}"
        if infusion.stop
        else _("none: the infusion stands still"),
        note=" ".join(infusion.notes),
    )
