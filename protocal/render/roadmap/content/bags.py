"""A continuous infusion -> the table of its bags, with the pump stop."""

from __future__ import annotations

from protocal.model.plan import Infusion
from protocal.render.roadmap.content.context import Context
from protocal.render.roadmap.sheets import BagTable


def bag_table(context: Context, infusion: Infusion) -> BagTable:
    """The bags of an infusion, with its own title."""
    _, words = context.text.gettext, context.words
    count = len(infusion.bags)
    return BagTable(
        title=_("BAGS of {agent}: {count}").format(agent=context.written(infusion.agent), count=count),
        bags=tuple(
            (
                _("{number} of {count}").format(number=number, count=count),
                words.time(bag.at) + (_(", closed day") if bag.on_closed_day else ""),
                words.with_more(f"{bag.hours} h", words.dose(bag.amount, infusion.unit)),
            )
            for number, bag in enumerate(infusion.bags, 1)
        ),
        stop=words.time(infusion.stop) if infusion.stop else _("none: the infusion stands still"),
        note=" ".join(map(words.said, infusion.notes)),
    )
