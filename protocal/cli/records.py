"""The command that begins a patient's record: `new`."""

from __future__ import annotations

from typing import Annotated

import typer

from protocal.cli.options import RecordFile, Shelves, tell, warn
from protocal.cli.root import app


@app.command()
def new(
    file: RecordFile,
    protocol: Annotated[str, typer.Option("--protocol", metavar="ID", help="An id such as aall1331, or a folder.")],
    id_: Annotated[str, typer.Option("--id", metavar="ID", help="Your own number for the patient; it is printed.")],
    born: Annotated[str, typer.Option("--born", metavar="DATE", help="As in 2019-05-12.")],
    sex: Annotated[str, typer.Option("--sex", metavar="female|male")],
    height: Annotated[str, typer.Option("--height", metavar="CM")],
    weight: Annotated[str, typer.Option("--weight", metavar="KG")],
    start: Annotated[str, typer.Option("--start", metavar="DATE", help="Day 1 of the first course.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Printed on sheets, never in feeds.")] = "",
    measured: Annotated[
        str, typer.Option("--measured", metavar="DATE", help="Of height and weight; the start if left out.")
    ] = "",
    cns: Annotated[str, typer.Option("--cns", metavar="STATUS", help="As in cns2.")] = "",
    risk: Annotated[str, typer.Option("--risk", metavar="GROUP", help="As in low.")] = "",
    arm: Annotated[str, typer.Option("--arm", metavar="ARM", help="As in D; leave out before assignment.")] = "",
    diagnostic_it: Annotated[
        list[str],
        typer.Option("--diagnostic-it", metavar="DATE:AGENT", help="Given with the diagnostic lumbar puncture."),
    ] = [],
    timezone: Annotated[
        str, typer.Option("--timezone", metavar="ZONE", help="As in America/New_York; this machine's if left out.")
    ] = "",
    version: Annotated[str, typer.Option("--protocol-version", metavar="V", help="The newest if left out.")] = "",
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who writes this.")] = "",
    schedules: Shelves = [],
) -> None:
    """Begin a patient's record.

    Example: `protocal new p001.yaml --protocol aall1331 --id P001 --born 2019-05-12 --sex female --height 112
    --weight 19.4 --cns cns2 --risk low --arm D --start 2026-12-01 --timezone America/New_York`
    """
    from protocal.cli.clock import now, random_key, zone_here
    from protocal.read.record.new import NewPatient
    from protocal.workflow.recording import begin_record

    patient = NewPatient(
        protocol=protocol,
        protocol_version=version,
        id=id_,
        name=name,
        born=born,
        sex=sex,
        height=height,
        weight=weight,
        measured=measured,
        cns=cns,
        risk=risk,
        arm=arm,
        start=start,
        timezone=timezone or zone_here(),
        diagnostic_it=tuple(diagnostic_it),
        by=by,
    )
    problems = begin_record(file, patient, now(), random_key(), schedules)
    warn(problems)
    tell(f"{file}: {protocol}, {f'arm {arm}' if arm else 'no arm assigned yet'}, Day 1 on {start}")
