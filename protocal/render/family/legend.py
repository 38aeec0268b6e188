"""Doses of a plan -> what a family is told of their drugs: a page of all of them, and what to mind on each page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from protocal.model.account import Dose
from protocal.model.agent import Agent
from protocal.model.evidence import Evidence
from protocal.model.protocol import Protocol
from protocal.model.settings import ForFamilies
from protocal.render.family.values import Contact, Entry, Page
from protocal.render.wording.family import FamilyWords


class Legend:
    """The drugs of one protocol in one language."""

    def __init__(self, protocol: Protocol, family: ForFamilies, words: FamilyWords) -> None:
        self.protocol = protocol
        self.family = family
        self.words = words
        self.text = words.text

    def page(self, doses: Iterable[Dose]) -> Page | None:
        """What each drug of all pages is, those by mouth first; None if there is none."""
        found = list(doses)
        names = dict.fromkeys([*_agents_of(found, at_home=True), *_agents_of(found)])
        agents = [self.protocol.agents[name] for name in names]
        if not agents:
            return None
        return Page(
            title=self.text.gettext("The drugs"),
            courses="",
            provisional="",
            changed=False,
            weekdays=(),
            weeks=(),
            notes=(),
            number="",
            legend=tuple(
                self.entry(agent, [dose for dose in found if dose.line.agent == agent.id]) for agent in agents
            ),
            reviewed=not any(
                agent.glossary and agent.glossary.backing.evidence is Evidence.UNVERIFIED for agent in agents
            ),
        )

    def entry(self, agent: Agent, doses: Sequence[Dose]) -> Entry:
        """A drug by its names, what it is for, how it is taken, and what to mind."""
        _, glossary = self.text.gettext, agent.glossary
        minded = []
        if glossary and glossary.gloves and any(dose.at_home for dose in doses):
            minded.append(_("Wear gloves to handle it."))
        if agent.only_route:
            minded.append(_("Only ever {route}.").format(route=self.words.routes[agent.only_route]))
        strong = ""
        if any(dose.at_home and dose.line.order_line.frequency.weekly for dose in doses):
            strong = _("Never every day: only on the days that say so.")
        return Entry(
            name=agent.written,
            brand=glossary.brand if glossary else "",
            purpose=_(glossary.purpose) if glossary and glossary.purpose else "",
            taken=_(glossary.taken) if glossary and glossary.taken else "",
            minded=tuple(minded),
            strong=strong,
        )

    def notes(self, found: Sequence[Dose], *, clinic: bool) -> Iterator[Contact]:
        """What to mind with the drugs of this page that are taken at home, and what to bring to the clinic."""
        _, family, agents = self.text.gettext, self.family, self.protocol.agents
        weekly: dict[str, None] = {}
        for dose in found:
            if dose.at_home and dose.line.order_line.frequency.weekly:
                weekly[agents[dose.line.agent].written] = None
        if weekly:
            yield Contact(_("Never every day, only on the days that say so:"), f"{', '.join(weekly)}.")
        at_home = [agents[name] for name in _agents_of(found, at_home=True)]
        if gloves := [agent.written for agent in at_home if agent.glossary and agent.glossary.gloves]:
            yield Contact(_("Wear gloves to handle:"), f"{', '.join(gloves)}.")
        if family.bring and clinic:
            yield Contact(_("Bring to the clinic:"), family.bring)


def _agents_of(found: Iterable[Dose], *, at_home: bool = False) -> list[str]:
    """The agents of some doses in the order of the first, perhaps only those of doses at home."""
    return list(dict.fromkeys(dose.line.agent for dose in found if dose.at_home or not at_home))
