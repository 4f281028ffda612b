"""Results as Markdown."""
from dataclasses import dataclass
from pathlib import Path

BEGIN = "<!-- What `make bench` wrote: begin -->"
END = "<!-- What `make bench` wrote: end -->"


@dataclass
class Figure:
    what: str
    measured: str
    hold: str = ""
    holds: bool | None = None
    """None where there is nothing to hold."""


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def accepted(rows):
    floors = {(size, connections): measured.rate for size, connections, name, measured, _, _ in rows if name == "floor"}
    lines = []
    for size, connections, name, measured, memory, ran in rows:
        ratio = measured.rate / floors[size, connections]
        lines.append([
            f"{size / 1000:.1f} kB", connections, name, f"{measured.rate:.0f}", f"{ratio:.2f}", f"{measured.p50:.1f}",
            f"{measured.p99:.1f}", f"{memory:.0f}", "" if ran is None else f"{min(1, ran / measured.accepted):.0%}",
            measured.refused + measured.broken])
    return table(["push", "connections", "program", "accepted/s", "of floor", "p50 ms", "p99 ms", "most memory, MB",
                  "commands run", "not accepted"], lines)


def figures(values):
    return table(["what", "measured", "to hold", "holds"], [
        [value.what, value.measured, value.hold, {True: "yes", False: "**no**", None: ""}[value.holds]]
        for value in values])


def write(page: Path, text):
    """Puts the text between the page's marks."""
    before, begin, rest = page.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise RuntimeError(f"{page} lacks the lines {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")
