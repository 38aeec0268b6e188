"""The records of this folder in; pictures of all kinds of printed pages out, with a page that says what each shows.

Run by `make gallery`, through the commands that people use. Same records, same pictures on one machine.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pypdfium2
import screens
import yaml
from PIL import Image

from protocal.model.settings import Settings
from protocal.workflow.planning import load_plan

HERE = Path(__file__).parent
PAGES = HERE / "pages"
ARMS = ("arm-d", "arm-a", "arm-b", "arm-c")  # a course that several have is shown for the first of them
DOTS_PER_INCH, COLOURS = 100, 16
HEAD = """\
# Gallery

Every kind of page that protocal prints, for made-up patients. `make gallery` makes it again from the records in
[records](records). The bundled definition is unverified, and says so on each page.
"""


class Print(NamedTuple):
    """One command, in the words of the command line but for `-o`, and what its pages show."""

    name: str
    shows: str
    command: str


def prints() -> Iterator[tuple[str, list[Print]]]:
    """All that is printed, under headings: the courses of all arms, then what prints.yaml has."""
    shown: set[str] = set()
    for arm in ARMS:
        plan = load_plan(HERE / "records" / f"{arm}.yaml", Settings())
        courses = [each.course for each in plan.courses if each.course.dates and each.course.id not in shown]
        shown |= {course.id for course in courses}
        heading = f"Courses of Arm {arm[-1].upper()}{'' if arm == ARMS[0] else ' that are not shown above'}"
        yield (
            heading,
            [Print(f"{arm}-{course.id}", course.title, f"roadmap {arm} --course {course.id}") for course in courses],
        )
    for heading, group in yaml.safe_load((HERE / "prints.yaml").read_text(encoding="utf-8")).items():
        yield heading, [Print(**each) for each in group]


def make(each: Print, folder: Path) -> None:
    """Run the command of a print. Raises SystemExit with what it says if it fails."""
    command, record, *words = shlex.split(each.command)
    whole = [sys.executable, "-m", "protocal", command, f"{record}.yaml", *words, "-o", "print.pdf", "--force"]
    done = subprocess.run(whole, capture_output=True, text=True, check=False, encoding="utf-8", cwd=folder)
    if done.returncode:
        raise SystemExit(f"{each.name}: {done.stderr}")


def pictures(pdf: Path, name: str) -> Iterator[str]:
    """The pages of a PDF as small PNG files; their names."""
    document = pypdfium2.PdfDocument(pdf)
    for number, page in enumerate(document, 1):
        image = page.render(scale=DOTS_PER_INCH / 72).to_pil()
        if name.startswith("one-bit"):
            image = image.convert("L").convert("1")
        else:
            image = image.quantize(COLOURS, dither=Image.Dither.NONE)
        file = f"{name}-{number}.png"
        image.save(PAGES / file, optimize=True)
        yield file
    document.close()


def main() -> None:
    """Print everything, picture it, and write the page."""
    shutil.rmtree(PAGES, ignore_errors=True)
    PAGES.mkdir()
    lines = [HEAD]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for needed in [*(HERE / "records").glob("*.yaml"), *HERE.glob("site*.yaml")]:
            shutil.copy(needed, folder)
        for heading, group in prints():
            lines += [f"## {heading}", ""]
            for each in group:
                print(each.name, flush=True)
                make(each, folder)
                lines += [f"### {each.shows}", "", f"`protocal {each.command}`", ""]
                for number, file in enumerate(pictures(folder / "print.pdf", each.name), 1):
                    lines.append(f"![{each.shows}, page {number}](pages/{file})")
                lines.append("")
    lines += ["## The family's page in a browser", ""]
    for screen, file in screens.pictures(PAGES):
        print(screen.name, flush=True)
        lines += [f"### {screen.shows}", "", f"![{screen.shows}](pages/{file})", ""]
    (HERE / "README.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
