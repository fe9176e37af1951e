"""Run the programs one after another, each in a process of its own, then write the page.

    python -m benchmarks.all [--long] [--list] [--only NAME ...] [--folder FOLDER]
        [--project PROJECT]

Those that need photographs of one's own run with ``--project``: a project that is encoded, prepared
and tuned, with right and complete keywords; they leave it as it is. A program that fails or takes
too long is told at the end; the others go on.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import report

ROOT = Path(__file__).resolve().parents[1]
SHORT = (
    "program_start --folder {folder}",
    "grid_scroll --folder {folder}",
    "suggest_step --folder {folder}",
    "label_window --folder {folder} --steps 60",
    "search_step --folder {folder} --searches 20",
    "import_rate",
    "encode_rate",
    "decode_paths",
    "top_k_rate",
    "near_duplicates",
    "growth --stages import",
    "growth --stages encode suggest",
    "reference_scale --sizes 250000",
    "neighbor_scale --stages all-pairs",
    "neighbor_scale --stages tuning",
    "neighbor_scale --stages nets probe",
)
LONG = (
    "reference_scale --sizes 1000000 5000000",
    "evaluate_scale --folder {folder}",
    "demo_start",
    "review_scale",
    "forward_paths",
)
OF_PROJECT = ("calibration_quality {project}", "labeling_clicks {project}")
PATIENCE_SECONDS = 3 * 3_600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--long", action="store_true", help="also those that take longer")
    parser.add_argument("--list", action="store_true", help="only tell the commands")
    parser.add_argument("--only", nargs="+", metavar="NAME")
    parser.add_argument("--folder", type=Path, help="kept for the next run")
    parser.add_argument("--project", type=Path, help="of photographs of one's own")
    given = parser.parse_args()
    lines = [*SHORT, *(LONG if given.long or given.only else ())]
    lines += OF_PROJECT if given.project or given.list else ()
    chosen = [line for line in lines if not given.only or line.split()[0] in given.only]
    if given.list:
        print("\n".join(f"python -m benchmarks.{line}" for line in chosen))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        places = {"folder": shlex.quote(str(folder)), "project": shlex.quote(str(given.project))}
        failed = [line for line in chosen if not run(line.format(**places))]
    report.write_page()
    if failed:
        sys.exit("Failed: " + "; ".join(failed))


def run(line: str) -> bool:
    print(f"\n# benchmarks.{line}", flush=True)
    started = time.perf_counter()
    command = [sys.executable, "-m", *shlex.split(f"benchmarks.{line}")]
    try:
        done = subprocess.run(command, cwd=ROOT, timeout=PATIENCE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False
    print(f"# {time.perf_counter() - started:.0f} s", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    main()
