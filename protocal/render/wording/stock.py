"""What is at home of a drug, and until when it is enough -> words for screens and lists, values for programs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from protocal.model.protocol import Protocol
from protocal.model.stock import Enough, Form, Stock
from protocal.render.wording.products import count_figure
from protocal.text.format import figure, plain
from protocal.text.message import joined, quantity, say


def stock_sentence(stock: Stock, protocol: Protocol) -> str:
    """`mercaptopurine: 60 tablets of 50 mg dispensed, enough until Sun 14-Mar-2027; too few for Mon 15-Mar-2027`."""
    had = joined(", ", (_amount(each.form, each.total) for each in stock.supplies))
    return say(
        "{drug}: {amount} dispensed; {enough}",
        drug=protocol.agents[stock.agent].written, amount=had, enough=enough_text(stock),
    )  # fmt: skip


def left_text(stock: Stock, on: date) -> str:
    """What is left after the doses of a date, and until when it is enough."""
    had = joined(", ", (_amount(form, number) for form, number in stock.left(on)))
    return say("left after it: {amount}; {enough}", amount=had, enough=enough_text(stock))


def enough_text(stock: Stock) -> str:
    """`enough until Sun 14-Mar-2027; 50 mg short on Mon 15-Mar-2027`."""
    forms = joined(", ", map(form_text, stock.lacking))
    if stock.enough is Enough.LACKS and stock.short_on:
        return say("{forms} never dispensed, and needed on {date}", forms=forms, date=stock.short_on)
    if stock.enough is Enough.UNTIL and stock.short_on:
        short = say("{forms} short on {date}", forms=forms, date=stock.short_on)
        return say("enough until {date}; {short}", date=stock.until, short=short) if stock.until else short
    if stock.enough is Enough.AT_LEAST and stock.until:
        return say("enough at least until {date}; no tablets are planned yet after that", date=stock.until)
    if stock.enough is Enough.ALL and stock.until:
        return say("enough for all that is planned, until {date}", date=stock.until)
    return say("no tablets are planned yet") if stock.enough is Enough.AT_LEAST else say("no dose at home is planned")


def form_text(form: Form) -> str:
    """`50 mg`, `20 mg/mL liquid`."""
    size = quantity(form.strength, form.unit)
    return say("{strength}/mL liquid", strength=size) if form.is_liquid else size


def _amount(form: Form, number: Decimal) -> str:
    if form.is_liquid:
        return say("{volume} mL of {liquid}", volume=figure(number), liquid=form_text(form))
    if number == 1:
        return say("1 tablet of {size}", size=form_text(form))
    return say("{count} tablets of {size}", count=count_figure(number), size=form_text(form))


def stock_data(stock: Stock, on: date | None = None) -> dict[str, Any]:
    """The same for programs: what is left after the doses of a date, or what was dispensed in all."""
    amounts = stock.left(on) if on else tuple((each.form, each.total) for each in stock.supplies)
    return {
        "agent": stock.agent,
        "enough": stock.enough.value,
        "until": stock.until.isoformat() if stock.until else None,
        "short_on": stock.short_on.isoformat() if stock.short_on else None,
        "lacking": [_form_data(form) for form in stock.lacking],
        **({"guessed": [line.id for line in stock.guessed]} if stock.guessed else {}),
        "left" if on else "dispensed": [
            {"mL" if form.is_liquid else "tablets": plain(number), **_form_data(form)} for form, number in amounts
        ],
    }


def _form_data(form: Form) -> dict[str, str]:
    return {"strength": plain(form.strength), "unit": f"{form.unit}/mL" if form.is_liquid else form.unit}
