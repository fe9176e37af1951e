"""What the documentation says exists: commands, options, links, dependencies."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import typer

from core.cli import command_line

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`clipkw ([a-z-]+)[^`]*`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def shown_commands() -> list[str]:
    """Every ``clipkw`` line in a fenced shell block."""
    lines = []
    for page in PAGES:
        for block in FENCE.findall(page.read_text(encoding="utf-8")):
            joined = block.replace("\\\n", " ")
            lines += [line for line in joined.splitlines() if line.startswith("clipkw ")]
    return lines


def test_the_documentation_shows_commands() -> None:
    assert len(shown_commands()) >= 8


@pytest.mark.parametrize("line", shown_commands())
def test_a_shown_command_is_understood(line: str) -> None:
    _, name, *arguments = shlex.split(line, comments=True)
    commands = typer.main.get_command(command_line()).commands
    assert name in commands, f"there is no clipkw {name}"
    commands[name].make_context(name, arguments)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_only_commands_and_files_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    commands = set(typer.main.get_command(command_line()).commands)
    assert set(INLINE.findall(text)) <= commands
    missing = [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    assert not missing


def test_the_user_guide_shows_every_command() -> None:
    guide = (ROOT / "docs" / "user-guide.md").read_text(encoding="utf-8")
    commands = typer.main.get_command(command_line()).commands
    assert [name for name in commands if f"clipkw {name}" not in guide] == []


def source_texts() -> str:
    """All texts of the source, those in f-strings too."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "core").rglob("*.py"))
    constants = (
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return "\n".join(constants)


def test_a_message_in_the_user_guide_is_one_of_the_program() -> None:
    guide = (ROOT / "docs" / "user-guide.md").read_text(encoding="utf-8")
    tables = guide[guide.index("## When something is wrong") :]
    messages = re.findall(r"^\| (?!message|reason)(.*?) \|", tables, re.MULTILINE)
    said = source_texts()
    parts = [part.strip() for message in messages for part in message.split("…")]
    assert len(messages) > 10
    assert [part for part in parts if part not in said] == []


def test_every_dependency_is_justified() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    reasons = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8").lower()
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = [re.split(r"[<>=\[]", wish)[0].lower() for wish in wanted]
    assert [name for name in names if f"`{name}`" not in reasons] == []


def test_the_changelog_says_what_is_unreleased() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## Unreleased$", changelog, re.MULTILINE)
