"""Pages on standard input -> pressed sheets on standard output: what a helper of `side_by_side` runs."""

from __future__ import annotations

import gc
import os
import pickle

from protocal.render.pdf.weasyprint_pdf import Press


def main() -> None:
    """Press pages until no more come."""
    gc.disable()
    with os.fdopen(0, "rb") as asked, os.fdopen(os.dup(1), "wb") as answered:
        os.dup2(2, 1)  # nothing that a library prints gets among the answers
        press = Press(pickle.load(asked))  # noqa: S301 - of the command that started this
        answer: object = True  # ready
        while True:
            pickle.dump(answer, answered, pickle.HIGHEST_PROTOCOL)
            answered.flush()
            try:
                answer = press.sheet(*pickle.load(asked))  # noqa: S301
            except EOFError:
                return


if __name__ == "__main__":
    main()
