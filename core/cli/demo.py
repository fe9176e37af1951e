"""``clipkw demo``: a drawn archive to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.terminal import progress, say
from core.workflows.demo import create_demo, fill_demo


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for it.")],
) -> None:
    """Draw an archive to try things on, with keywords and an encoder made for it.

    The encoder knows drawings of this kind only, and is of no use for photographs.
    """
    with progress("First images") as watched:
        made = create_demo(folder, watched)
    with made:
        with progress("Demo") as watched:
            fill_demo(made, watched)
        say(f"Next: clipkw-gui {made.folder}")
