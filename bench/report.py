"""Writes the page and the chart from what bench/run.sh measured.

report.py FOLDER PAGE ABOUT LOAD-BEFORE LOAD-AFTER SECONDS COMMAND
"""
import html, math, os, sys

from cells import TOO_WIDE, cell, number, quartiles, table

folder, page, about, load_before, load_after, seconds, command = sys.argv[1:]
LITERAL = "a literal"


def lines(name):
    path = os.path.join(folder, name)
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            for line in file:
                yield line.rstrip("\n").split("\t")


class Policies:
    """Milliseconds by size, shape, way and round."""

    def __init__(self):
        self.ms, self.shapes, self.ways, self.sizes = {}, [], {}, []
        for size, _, shape, n, way, turn, ms in lines("policies"):
            self.ms.setdefault((size, shape, way), {})[turn] = float(ms)
            self.ways[int(n)] = way
            for known, value in ((self.shapes, shape), (self.sizes, size)):
                if value not in known:
                    known.append(value)
        self.ways = [self.ways[n] for n in sorted(self.ways)]

    def ratios(self, size, shape, way):
        """Each run compared with that of the literal in the same round."""
        literal = self.ms.get((size, shape, LITERAL), {})
        return [ms / literal[turn] for turn, ms in self.ms.get((size, shape, way), {}).items() if turn in literal]

    def print(self):
        for size in reversed(self.sizes):
            ways = [way for way in self.ways if way != LITERAL and any((size, shape, way) in self.ms for shape in self.shapes)]
            print(f"### {int(size):,} rows\n")
            table(["policy or statement", "a literal, ms"] + ways, [
                [shape, cell(list(self.ms[size, shape, LITERAL].values()))] + [cell(self.ratios(size, shape, way)) for way in ways]
                for shape in self.shapes])
        size = self.sizes[-1]
        steady = {}
        for shape in self.shapes:
            ratios = self.ratios(size, shape, "pg_workos")
            if cell(ratios).startswith("too"):
                steady.setdefault("unknown", []).append(shape)
            else:
                steady.setdefault(quartiles(ratios)[1] <= 1.10, []).append(shape)
        print(f"With {int(size):,} rows, {len(steady.get(True, []))} of {len(self.shapes)} are at most 1.10 times the literal as they are written.", end="")
        if False in steady:
            print(" The others:\n")
            for shape in steady[False]:
                low, middle, high = quartiles(self.ratios(size, shape, "pg_workos"))
                print(f"- {shape}: {middle:.2f} ({low:.2f}–{high:.2f})" + (
                    "; its literal, `true`, is no condition at all" if "permission" in shape and "INSERT" not in shape else ""))
        print("\n")


def turns(name):
    """Values by name, in the order of their first turn."""
    values = {}
    for about_it, value in lines(name):
        values.setdefault(about_it, []).append(float(value))
    return values


def compared(name, header):
    values = turns(name)
    first = next(iter(values.values()))
    table(["", header, "to the first"], [
        [about_it, cell(own), "1" if own is first else cell([a / b for a, b in zip(own, first)])] for about_it, own in values.items()])


# The parts of the output of bench/portable.sh
PORTABLE = {"call": "one call, microseconds", "cold": "the first call of a connection, microseconds", "gateway": "one request of a gateway, microseconds"}


def portable():
    """Lines of part, variant, median, least, most, ratio of the medians to the first variant, and more."""
    parts = {}
    for part, variant, middle, least, most, ratio, *_ in lines("portable"):
        parts.setdefault(part, []).append([f"`{variant}`", f"{number(float(middle))} ({number(float(least))}–{number(float(most))})", ratio])
    if parts:
        print("## The portable edition, function by function\n\nMedians; in brackets the least and the most.\n")
    for part, rows in parts.items():
        about_it = next((text for key, text in PORTABLE.items() if part == key), part + ", microseconds")
        table([about_it, "", "to the first"], rows)


def by_place(name):
    """Names and values of a file in which names repeat ("the same …"), so that a case is recognized by its place in a round."""
    rows = list(lines(name))
    names = [row[0] for row in rows]
    period = names.index(names[0], 1) if names.count(names[0]) > 1 else len(names)
    return [(names[at], [float(value) for _, value in rows[at::period]]) for at in range(period)]


def planning():
    rows, base = [], None
    for about_it, own in by_place("planning"):
        if not about_it.startswith("the same"):
            base = own
        rows.append([about_it, cell(own), "1" if own is base else cell([a / b for a, b in zip(own, base)])])
    table(["planning `select … where id = 1`", "microseconds", "to the first of its kind"], rows)


def single():
    table(["", "microseconds"], [[about_it, cell(own)] for about_it, own in by_place("single")])


# The chart: one block for each of a few shapes, a bar for each way, on a logarithmic scale.
CHARTED = ["`org_id = workos_org_id()`, indexed", "the same, not indexed", "a permission, and `org_id`, indexed", "`is_public` or `org_id`",
           "`org_id = any (workos_permissions())`", "8 partitions by hash", "UPDATE of 10,000 rows", "INSERT of 10,000 rows"]
COLOURS = {"pg_workos": "#1a7f5a", "pg_workos, plan_once off": "#d9a441", "`(select auth.jwt() …)`": "#4f7cac",
           "portable edition, `(select …)`": "#86c5ab", "PL/pgSQL helper": "#b08fc7", "`auth.jwt()` as it is": "#c2554d"}
WIDTH, LEFT, RIGHT, BAR = 480, 10, 50, 14


def chart(policies):
    size = policies.sizes[0]
    plain = lambda text: html.escape(text.replace("`", ""))
    ways = [way for way in COLOURS if way in policies.ways]
    blocks = []
    for shape in CHARTED:
        bars = [(way, quartiles(ratios)[1]) for way in ways if (ratios := policies.ratios(size, shape, way)) and not cell(ratios).startswith("too")]
        if bars:
            blocks.append(("org_id = workos_org_id(), not indexed" if shape == "the same, not indexed" else shape, bars))
    most = max([2] + [ratio for _, bars in blocks for _, ratio in bars])
    least = min([0.5] + [ratio for _, bars in blocks for _, ratio in bars])
    x = lambda ratio: LEFT + (WIDTH - LEFT - RIGHT) * math.log(ratio / least / 0.97) / math.log(most / least / 0.97)
    parts, y = [], 58
    for at, way in enumerate(ways):
        left, top = LEFT + (at % 2) * (WIDTH - LEFT) // 2, y + at // 2 * 18
        parts.append(f'<rect x="{left}" y="{top - 10}" width="11" height="11" fill="{COLOURS[way]}"/><text x="{left + 16}" y="{top}">{plain(way)}</text>')
    y += (len(ways) + 1) // 2 * 18 + 4
    top = y
    for shape, bars in blocks:
        y += 22
        parts.append(f'<text x="{LEFT}" y="{y - 5}" font-weight="bold">{plain(shape)}</text>')
        for way, ratio in bars:
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{max(1, x(ratio) - LEFT):.1f}" height="{BAR - 2}" fill="{COLOURS[way]}"/>'
                         f'<text x="{max(LEFT + 1, x(ratio)) + 4:.1f}" y="{y + BAR - 4}" font-size="12">{ratio:.2f}</text>' if ratio < 9.95 else
                         f'<rect x="{LEFT}" y="{y}" width="{x(ratio) - LEFT:.1f}" height="{BAR - 2}" fill="{COLOURS[way]}"/>'
                         f'<text x="{x(ratio) + 4:.1f}" y="{y + BAR - 4}" font-size="12">{ratio:.0f}</text>')
            y += BAR
    grid = "".join(f'<path d="M{x(r):.1f} {top}V{y + 6}" stroke="#ccc"/><text x="{x(r):.1f}" y="{y + 20}" text-anchor="middle" fill="#555">{r}×</text>'
                   for r in (1, 10, 100) if r <= most)
    height = y + 28
    with open(page + ".svg", "w", encoding="utf-8") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH * 4 // 3}" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13" role="img">\n'
                   f'<title>Cost of a policy, as a multiple of a literal</title>\n<rect width="100%" height="100%" fill="#fff"/>\n'
                   f'<text x="{LEFT}" y="20" font-size="16">Cost of a policy, as a multiple of a literal</text>\n'
                   f'<text x="{LEFT}" y="36" fill="#555" font-size="12">{int(size):,} rows, logarithmic scale, shorter is faster</text>\n'
                   + grid + "\n" + "\n".join(parts) + "\n</svg>\n")


def main():
    policies = Policies()
    print("# Performance\n")
    print("<!-- Generated by bench/run.sh together with all its numbers. -->\n")
    print(f"What a policy costs, compared with the same policy with a literal in it. Measured on {about}, in one run of {int(seconds) // 60} minutes, of\n")
    print(f"<!-- not run: it takes minutes, and a machine that does nothing else -->\n```sh\n{command}\n```\n")
    print(f"The load average of one minute was {load_before} before it and {load_after} after it.", end=" ")
    if load_before.replace(".", "", 1).isdigit() and float(load_before) > 0.5:
        print("**The machine had been busy in the minute before, so look at the spread, and repeat it on a machine that does nothing else.**", end=" ")
    print("All ways take turns, in several rounds. Each run is compared with the run of the literal in the same round. "
          "The numbers are medians; in brackets are the quartiles, between which half of the runs lie. "
          f"Where these are further apart than {TOO_WIDE:.0%} of the median, there is no number.\n")
    print(f"![Cost of a policy, as a multiple of a literal]({os.path.basename(page)}.svg)\n")
    print("## Policies\n")
    print("- a literal: `org_id = 'org_7'`; instead of a permission, `true`\n"
          "- pg_workos: the call as one writes it, such as `org_id = workos_org_id()`\n"
          "- `(select …)` by hand: the same in a sub-select that one writes oneself\n"
          "- plan_once off: the call as Postgres evaluates it without the planner hook\n"
          "- `(select auth.jwt() …)`: the best that one can write with Supabase's function: the whole expression in a sub-select\n"
          "- portable edition, `(select …)`: its functions as its documentation says to call them\n"
          "- PL/pgSQL helper: a function that reads the claims with `json ->>`\n"
          "- `auth.jwt()` as it is: without a sub-select\n")
    policies.print()
    print("## Requests of a gateway\n")
    print("The statements that PostgREST sends, in their order: `begin`, the settings, the statement, `commit`, prepared, from two clients. "
          "Requests per second.\n\n### GET: 20 rows of the tenant\n")
    compared("GET", "requests per second")
    print("### POST: one row\n")
    compared("POST", "requests per second")
    portable()
    print("## Statements without row security\n\nOne client, transactions per second.\n")
    compared("no-policy-auto", "transactions per second")
    compared("no-policy-force_custom_plan", "transactions per second")
    print("## Planning\n")
    planning()
    print("## Single calls\n")
    single()
    print("## How it is done, and where it loses\n")
    with open("bench/notes.md", encoding="utf-8") as file:
        print(file.read().strip())
    chart(policies)


with open(page + ".md", "w", encoding="utf-8") as output:
    sys.stdout = output
    main()
    sys.stdout = sys.__stdout__
