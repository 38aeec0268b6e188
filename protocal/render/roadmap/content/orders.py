"""A course's doses -> the rows of its order table, each with its working, dates, reasons and notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from protocal.model.account import Dose
from protocal.model.agent import Agent
from protocal.model.course import Order
from protocal.model.days import age_on
from protocal.model.entries import Remark
from protocal.model.plan import Administration, Dates
from protocal.model.reasons import reason_text
from protocal.render.roadmap.content.context import Context, SheetCourse
from protocal.render.roadmap.content.labels import absent_text, why_absent
from protocal.render.roadmap.content.phrases import dates_text, each_text, evidence_parts, order_text, routes_text
from protocal.render.roadmap.sheets import OrderRow
from protocal.render.wording.in_tablets import CourseTablets, InTablets, dose_notes
from protocal.text.format import figure, runs


def order_rows(
    context: Context, doses: Iterable[Dose], each: SheetCourse, tablets: CourseTablets
) -> Iterator[OrderRow]:
    """A row for each agent of each order, in the order of the definition."""
    orders = each.plan.course.definition.orders
    places = {order.key: place for place, order in enumerate(orders)}

    def place_of(dose: Dose) -> tuple[int, bool, int]:
        line = dose.line
        order, own = line.order_line, orders[places[line.key]]
        return places[line.key], line.agent not in own.agents, order.agents.index(line.agent)

    ordered = sorted(doses, key=place_of)
    for (key, agent), group in groupby(ordered, key=lambda dose: (dose.line.key, dose.line.agent)):
        yield _order_row(context, list(group), each, tablets.get((key, agent), InTablets()))


def _order_row(context: Context, all_doses: Sequence[Dose], each: SheetCourse, tablets: InTablets) -> OrderRow:
    _ = context.text.gettext
    given = [dose.line for dose in all_doses]
    order, agent = given[0].order_line, context.plan.agent_of(given[0])
    due = [line for line in given if line.status.takes_place]
    taking_place = [dose for dose in all_doses if dose.line.status.takes_place]
    doses: dict[str, list[str]] = {}
    for (dose, _product), note in dose_notes(taking_place, context.text).items():
        doses.setdefault(dose, []).extend([note] if note else [])
    notes = [
        *_reasons(context, given),
        *_adjustments(context, taking_place),
        _planned_comment(context, order, each),
        *agent.notes_for(order.route),
        evidence_parts(context, order.backing),
    ]
    return OrderRow(
        agent=context.written(agent.id),
        route=routes_text(context, order.routes),
        order=order_text(context, order),
        days=context.text.ngettext("Day {days}", "Days {days}", len(given)).format(
            days=runs(line.day for line in given)
        ),
        dates=tuple(dates_text(context, order, all_doses, each)),
        working=tuple(dict.fromkeys(_unbroken(context, line.working, line.unit) for line in due)),
        doses=tuple((dose, "; ".join(notes)) for dose, notes in doses.items())
        or ((absent_text(context, given[0]), ""),),
        each=each_text(context, order, len({line.date for line in due or given})),
        mark=given[0].evidence.mark,
        warning=_("{route} ONLY. FATAL IF GIVEN BY ANY OTHER ROUTE").format(route=agent.only_route.value)
        if agent.only_route
        else "",
        notes=tuple(dict.fromkeys(note for note in notes if note)),
        tablets=tuple(_unbroken(context, line, agent.unit) for line in tablets.lines),
        facts=(*_asked_for(context, agent), *_label_doses(context, agent, due, each.dates)),
    )


def _planned_comment(context: Context, order: Order, each: SheetCourse) -> str:
    """What the definition says of an order, which an infusion that stood still does not keep to the hour."""
    if order.comment and order.frequency.continuous and each.stops:
        return context.text.gettext("Without the stop: {text}").format(text=order.comment)
    return order.comment


def _reasons(context: Context, given: Iterable[Administration]) -> Iterator[str]:
    """Why doses are not as the definition has them, with all the days of each reason."""
    days: dict[str, list[int]] = {}
    for line in given:
        reason = context.words.said(reason_text(line.reason)) if line.status.takes_place else why_absent(context, line)
        if reason:
            days.setdefault(reason, []).append(line.day)
    for reason, numbers in days.items():
        template = context.text.ngettext("day {days}: {reason}", "days {days}: {reason}", len(numbers))
        yield template.format(days=runs(numbers), reason=reason)


def _adjustments(context: Context, due: Sequence[Dose]) -> Iterator[str]:
    """Why less than the full dose is given, with the dates from which and to which."""
    _ = context.text.gettext
    for each in dict.fromkeys(dose.adjusted for dose in due if dose.adjusted):
        said = _("{percent} % of the full dose, {first} to {last}: {why}")
        if each.last is None:
            said = _("{percent} % of the full dose, from {first}: {why}")
        if each.why:
            first, last = context.words.day(each.first), context.words.day(each.last or each.first)
            yield said.format(percent=figure(each.percent), first=first, last=last, why=each.why)


def _asked_for(context: Context, agent: Agent) -> Iterator[str]:
    """What the record has of the facts that an agent asks for."""
    _ = context.text.gettext
    words = {
        Remark.ALLERGY: (_("ALLERGY: {text}"), _("ALLERGY: none recorded, ask")),
        Remark.GENE: (_("GENE RESULT: {text}"), _("GENE RESULT: none recorded, ask")),
        Remark.INTERACTION: (_("INTERACTS: {text}"), _("INTERACTS: none recorded, ask")),
    }
    for kind in agent.asks_for:
        said, nothing = words[kind]
        yield (
            said.format(text="; ".join(context.plan.facts.remarks_of(kind)))
            if context.plan.facts.remarks_of(kind)
            else nothing
        )


def _label_doses(context: Context, agent: Agent, due: Sequence[Administration], dates: Dates) -> Iterator[str]:
    """What the product's label gives a patient of this weight and age, shown beside the protocol's dose."""
    _ = context.text.gettext
    born = context.plan.record.born
    for label in agent.label_doses:
        days = [
            line.date for line in due if label.applies(dates.measures_on(line.date)[0].weight, age_on(born, line.date))
        ]
        if days:
            template = (
                _("LABEL from {start}: {dose} {mark}")
                if len(days) == len(due)
                else _("LABEL from {start}: {dose} {mark}, from {date}")
            )
            yield template.format(
                start=context.words.said(label.start),
                dose=context.words.said(label.dose.text),
                mark=label.backing.evidence.mark,
                date=context.words.day(days[0]),
            )


def _unbroken(context: Context, text: str, unit: str) -> str:
    """Text in which no line breaks between a figure and its unit, nor before a result: it would look like a dose."""
    said = context.words.said(text)
    for space in (f" {context.words.unit(unit)}", " %", "= "):
        said = said.replace(space, space.replace(" ", "\N{NO-BREAK SPACE}"))
    return said
