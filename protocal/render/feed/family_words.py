"""An entry of a feed -> what a family's calendar shows of it: plain words, and what to do, to bring and to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from gettext import NullTranslations

from protocal.model.account import Dose, Share, State
from protocal.model.doses import Route
from protocal.model.plan import LUMBAR_PUNCTURE
from protocal.model.protocol import Protocol
from protocal.model.settings import ForFamilies
from protocal.render.family.home_doses import HomeDoses
from protocal.render.family.values import Happening
from protocal.render.family.visits import Visits
from protocal.render.feed.days import FeedDay, Kind
from protocal.render.feed.words import Doses
from protocal.render.wording.family import FamilyWords, first_up


class FamilyDayWords:
    """Says the entries of one protocol in one language to a family, with the doses that were asked for.

    What a site says (`site`) is in its own words; where it has not said, the family is told to ask. Summaries name
    neither drug nor procedure unless `full`: they stand on a locked screen.
    """

    def __init__(
        self, protocol: Protocol, words: NullTranslations, doses: Doses, site: ForFamilies, *, full: bool
    ) -> None:
        self.protocol = protocol
        self.words = words
        self.said = FamilyWords(words, tall_man=False)
        self.doses = doses
        self.site = site
        self.full = full
        self.home = HomeDoses(protocol, self.said, unverified_doses=doses is Doses.ALL)
        self.visits = Visits(protocol, self.said, site.before_sedation, ticked=False)

    # --- summaries

    def summary(self, day: FeedDay, things: list[str]) -> str:
        """`Clinic visit`, `Medicine at home: 2`; with what it is where the site wants that."""
        plain = self._neutral(day)
        return self.named(day, things) if self.full and things else self._counted(day, plain)

    def named(self, day: FeedDay, things: list[str]) -> str:
        """`Clinic visit: spinal test (lumbar puncture), vincristine`: not for a locked screen."""
        return self.words.gettext("{what}: {things}").format(what=self._neutral(day), things=", ".join(things))

    def elsewhere(self, day: FeedDay) -> str:
        """Of an entry that is gone: what it had is still done on its date."""
        _ = self.words.gettext
        return _("{what}: {things}").format(what=self._neutral(day), things=_("now in this day's other entry"))

    def _neutral(self, day: FeedDay) -> str:
        """What an entry is, without a word of what is given."""
        _ = self.words.gettext
        if day.kind is Kind.HOME and not day.given and not day.may_go_on:
            on_hold = any(dose.state is State.HELD for dose in day.left)
            return _("Medicine on hold") if on_hold else _("Medicine left out")
        return {
            Kind.HOME: _("Medicine at home"),
            Kind.DAY: _("Clinic visit, stays overnight") if day.overnight else _("Clinic visit"),
            Kind.HELD: _("The pump is stopped") if day.stop else _("Treatment on hold"),
            Kind.INFUSION: _("The pump runs") if day.is_pump else _("Stay at the clinic"),
            Kind.PUMP: _("The pump ends, at the clinic") if day.events else _("The pump: a new bag"),
        }.get(day.kind, _("Clinic visit"))

    def _counted(self, day: FeedDay, plain: str) -> str:
        agents = {*(dose.line.agent for dose in day.given), *day.may_go_on}
        if day.kind is Kind.HOME and agents:
            count = len(agents)
            return self.words.gettext("{what}: {count}").format(what=plain, count=count)
        return plain

    def things(self, day: FeedDay) -> list[str]:
        """What happens, each once, in plain words; what is held or left out only where nothing else is."""
        found = [dose.line for dose in day.given]
        punctured = any(event.kind == LUMBAR_PUNCTURE for event in day.events)
        drugs = [self._drug(line.agent) for line in found if not (punctured and line.route is Route.IT)]
        events = [self.said.kind(event.kind, self.protocol) for event in day.events]
        others = [*(self._drug(each.agent) for each in day.restarts), *(self._drug(each.agent) for each in day.bags)]
        left = [] if day.given or day.may_go_on else [self._drug(dose.line.agent) for dose in day.left]
        named = map(self._drug, (*day.may_go_on, *day.on_hold))
        return list(dict.fromkeys([*events, *drugs, *others, *left, *named]))

    # --- descriptions

    def description(self, day: FeedDay) -> Iterator[str]:
        """A line for each thing, what to heed with it, whom to call, and how sure it is."""
        _ = self.words.gettext
        yield from self.told(day)
        if day.kind is Kind.DAY:
            yield _("How long it takes: {said}").format(said=self.site.visit_takes or _("ask your team."))
            yield _("Bring: {said}").format(said=self.site.bring or _("ask your team."))
        if day.provisional:
            yield _("The date may still change: your team confirms it.")
        yield from self.whom_to_call()
        unsure = any(self.home.unsure(dose.line.order_line) for dose in day.given) and self.doses is Doses.ALL
        yield from self.closing(verified=day.definition.verified, unverified_doses=unsure and day.kind is Kind.HOME)

    def told(self, day: FeedDay) -> Iterator[str]:
        """A line for each thing of it alone."""
        found: dict[Kind, Callable[[FeedDay], Iterator[str]]] = {
            Kind.HOME: self._at_home,
            Kind.HELD: self._held,
            Kind.INFUSION: self._infusion,
            Kind.PUMP: self._pump,
        }
        return found.get(day.kind, self._visit)(day)

    def _visit(self, day: FeedDay) -> Iterator[str]:
        yield from map(_in_a_line, self.visit(day))
        if day.overnight:
            yield self.words.gettext("Stays overnight.")

    def visit(self, day: FeedDay) -> Iterator[Happening]:
        """Each thing that is done on a visit, apart from what to heed with it."""
        share = Share(day.number, day.date, day.given, day.events, ())
        yield from (self.visits.restart(again, day.date) for again in day.restarts)
        yield from self.visits.share_in_clinic(day.definition, day.date, share, day.beside)

    def _at_home(self, day: FeedDay) -> Iterator[str]:
        for dose in day.given:
            yield self.dose(day, dose)
        yield from self.may_go_on(day)
        yield from self.left(day)

    def may_go_on(self, day: FeedDay) -> Iterator[str]:
        """That drugs of which the plan has no more doses are given on, unless the team has said otherwise."""
        _ = self.words.gettext
        for agent in day.may_go_on:
            yield _plain(_("{drug}: {what}").format(drug=self._drug(agent), what=self.going_on()))

    def going_on(self) -> str:
        """What is to be done with a drug that no level has ended yet."""
        return self.words.gettext("goes on unless your team said stop")

    def left(self, day: FeedDay) -> Iterator[str]:
        """A line for each drug that is held or left out."""
        _ = self.words.gettext
        yield from self._give_none(dose.line.agent for dose in day.left if dose.state is State.HELD)
        for drug in dict.fromkeys(self._drug(dose.line.agent) for dose in day.left if dose.state is State.OMITTED):
            yield _("{drug}: not on this day, your team has left it out.").format(drug=drug)

    def is_dosed(self, dose: Dose) -> bool:
        """Whether how much it is stands in it."""
        return self.doses is not Doses.NONE and self.home.is_dosed(dose.line)

    def dose(self, day: FeedDay, dose: Dose) -> str:
        """`dexamethasone: each time 2 tablets of 4 mg, morning and evening`; how much only where it may be said."""
        _, ngettext = self.words.gettext, self.words.ngettext
        said = self.home.dose(day.definition, dose, in_place=str(dose.line.id) in day.instead)
        much = said.much if self.is_dosed(dose) else ""
        if said.unsure:
            much = _("{dose} (unverified)").format(dose=much)
        parts = [*said.named, much or _("how much: see the pharmacy label, or ask your team")]
        if hours := [box for box in said.boxes if box and not box.endswith(".")]:
            parts.append(self.said.joined(hours))
        elif (often := dose.line.per_day) > 1 and not (said.instead or dose.line.order_line.frequency.interval):
            parts.append(ngettext("{count} time that day", "{count} times that day", often).format(count=often))
        parts += said.notes
        if said.given:
            parts.append(_("given"))
        return _plain(_("{drug}: {what}").format(drug=said.drug, what=", ".join(parts)))

    def _held(self, day: FeedDay) -> Iterator[str]:
        if day.stop:
            yield self.words.gettext("Your team says when the pump starts again. Never start it yourself.")
            return
        yield from self._give_none(day.on_hold)
        if not day.on_hold:
            yield self.words.gettext("On hold: no treatment until your team says so.")

    def _give_none(self, agents: Iterable[str]) -> Iterator[str]:
        """A line for each drug, so that nobody reads that one of them is to be given."""
        said = self.words.gettext("On hold: give no {drug} until your team says so.")
        yield from (said.format(drug=drug) for drug in dict.fromkeys(map(self._drug, agents)))

    def _infusion(self, day: FeedDay) -> Iterator[str]:
        _ = self.words.gettext
        for drug in self.things(day):
            yield _("{drug} runs from {start} until {end}.").format(
                drug=first_up(drug), start=self._when(day.date, day.begins), end=self._when(day.last, day.ends)
            )
        if not day.is_pump:
            yield _("Stays overnight until it has ended.")
        elif day.stop:
            yield _("It was stopped then: your team says when it starts again. Never start or stop the pump yourself.")
        else:
            yield _("It runs day and night, and ends at the clinic. Never stop the pump yourself.")

    def _pump(self, day: FeedDay) -> Iterator[str]:
        _ = self.words.gettext
        for bag in day.bags:
            yield _in_a_line(Happening(self.visits.bag(bag, day.date)))
        for event in day.events:
            hour = f" {self.said.at([event.at], day.date)}" if event.at else ""
            yield _("The infusion ends at the clinic{hour}: never stop the pump yourself.").format(hour=hour)

    def whom_to_call(self) -> Iterator[str]:
        """Numbers by day and night, and the fever line, in the site's words; where it has none, to ask for them."""
        _, ask = self.words.gettext, self.words.gettext("ask your team.")
        yield _("Call by day: {said}").format(said=self.site.call_by_day or ask)
        yield _("Call at night and on weekends: {said}").format(said=self.site.call_at_night or ask)
        yield _("Fever: {said}").format(said=self.site.fever or ask)

    def closing(self, *, verified: bool, unverified_doses: bool) -> Iterator[str]:
        """What stands near the end of every description: how sure the feed is."""
        _ = self.words.gettext
        if not verified:
            yield _("UNVERIFIED: the plan that this was made from has not been verified. Ask your team.")
        if unverified_doses:
            yield _("UNVERIFIED DOSES: give only what your team prescribed.")

    def _when(self, day: date | None, at: datetime | None) -> str:
        """`Tuesday 2 March`, with the hour where there is one."""
        on = at.date() if at else day
        if on is None:
            return self.words.gettext("a day that your team names")
        said = self.said.weekday_and_day(on)
        return f"{said} {at:%H:%M}" if at else said

    def _drug(self, agent: str) -> str:
        return self.said.drug(self.protocol.agents[agent])


def _in_a_line(happening: Happening) -> str:
    said = happening.text
    for part in filter(None, (happening.note, happening.ask)):
        said += f". {part}" if part[0].isupper() else f", {part}"
    return _plain(first_up(said.rstrip("."))) + "."


def _plain(text: str) -> str:
    """With no space that a calendar may show as a sign."""
    return text.replace("\N{NO-BREAK SPACE}", " ")
