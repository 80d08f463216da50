"""Parts of bench/directory.sh that need more than one connection at a time, or write the page.

directory.py refusals EDITION NUMBER    when the first statement of an open connection is refused; prints lines
directory.py page FOLDER PAGE ABOUT LOAD-BEFORE LOAD-AFTER SECONDS ROWS COMMAND
"""

import json
import multiprocessing
import os
import random
import statistics
import sys
import time

from cells import cell, number, quartiles, table

LITERAL, TOKEN, NEWEST = "a literal", "workos_org_id(), token", "workos_org_id(), newest"


# From the commit of an event to the first refusal

def reader(edition, pipe):
    """Asks in a loop until it is told to end, and then sends when each statement began and ended, and whether it saw rows."""
    import psycopg

    connection = psycopg.connect(autocommit=True, dbname=edition, prepare_threshold=0)
    connection.execute("set role bench_3")
    connection.execute("select set_config('request.jwt.claims', bench.claims(), false)")
    statements = []
    pipe.send("ready")
    while not pipe.poll():
        began = time.monotonic_ns()
        row = connection.execute("select id from bench.document_indexed where id = 7").fetchone()
        statements.append((began, time.monotonic_ns(), row is not None))
    pipe.send(statements)


def refusals(edition, removals):
    import psycopg

    owner = psycopg.connect(autocommit=True, user="keeper", dbname=edition)
    # Each event is newer than those of an earlier call.
    second = int(time.time())

    def membership(status):
        """Returns when the event was sent, and when its commit had returned."""
        nonlocal second
        second += 1
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
        data = {"id": "om_14", "user_id": "user_7", "organization_id": "org_7", "status": status, "role": {"slug": "editor"}, "created_at": "2026-01-01T00:00:00Z", "updated_at": at}
        event = json.dumps({"id": f"event_{second}", "event": "organization_membership.updated", "created_at": at, "data": data})
        began = time.monotonic_ns()
        answer = owner.execute("select workos.apply_event(%s)", [event]).fetchone()[0]
        ended = time.monotonic_ns()
        assert answer == "applied", answer
        return began, ended

    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=reader, args=[edition, theirs], daemon=True)
    process.start()
    assert ours.recv() == "ready"
    events = []
    for _ in range(removals):
        added = membership("active")
        time.sleep(random.uniform(0.002, 0.006))
        removed = membership("inactive")
        time.sleep(random.uniform(0.002, 0.006))
        events.append((added, removed))
    again, _ = membership("active")
    ours.send("end")
    statements = ours.recv()
    process.join()
    for at, ((_, added), (sent, returned)) in enumerate(events):
        until = events[at + 1][0][0] if at + 1 < len(events) else again
        # Statements that began after the commit had returned, and ended before the member came back: none may see a row.
        after = [saw for began, ended, saw in statements if began > returned and ended < until]
        # The first that was refused: it may have begun before the commit returned.
        refused = [ended for began, ended, saw in statements if ended > sent and not saw and began < until]
        before = [saw for began, ended, saw in statements if began > added and ended < sent]
        if not after or not before:
            continue  # The connections had no processor in that time.
        # microseconds, from the return of the commit, and from when the event was sent
        print(edition, all(before), sum(after), (refused[0] - returned) / 1000, (refused[0] - sent) / 1000, sep="\t")
    print(edition, "statement", statistics.median(ended - began for began, ended, _ in statements) / 1000, len(statements), sep="\t")


# The page

def lines(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def measured(folder):
    """Values by edition, memberships and part; then by way and round. Round 0 is a warm-up."""
    values = {}
    for edition, memberships, part, way, turn, value in lines(folder, "policies"):
        if turn != "0":
            values.setdefault((edition, memberships, part), {}).setdefault(way, {})[turn] = float(value)
    return values


def paired(ways, way, base, join):
    """What `join` makes of the turns of two ways in the same round."""
    return [join(ways[way][turn], ways[base][turn]) for turn in ways[way] if turn in ways[base]]


def ratios(ways, way, base=LITERAL):
    return paired(ways, way, base, lambda a, b: a / b)


def difference(ways, way, base):
    low, middle, high = quartiles(paired(ways, way, base, lambda a, b: a - b))
    return f"{middle:+.1f} ({low:+.1f} to {high:+.1f})"


def goals(values, events, refused):
    """The goals of this project, and whether this run has met them."""
    rows = []

    def goal(about, worst, limit, unit, at_least=False):
        rows.append([about, f"{'at least' if at_least else 'at most'} {limit:,}{unit}", f"{number(worst) if worst > 0 else f'{worst:.1f}'}{unit}", "yes" if (worst >= limit if at_least else worst <= limit) else "**no**"])

    middle = lambda numbers: quartiles(numbers)[1]
    for edition in ("native", "portable"):
        own = {key: ways for key, ways in values.items() if key[0] == edition}
        counts = [ways for (_, _, part), ways in own.items() if part.startswith("count")]
        goal(f"{edition}: `org_id = workos_org_id()` with `newest`, compared with a literal, the worst of all sizes", max(middle(ratios(ways, NEWEST)) for ways in counts), 1.1, " times")
        reads = [ways for (_, _, part), ways in own.items() if part == "read, prepared"]
        goal(f"{edition}: what `newest` adds to a statement, the worst of all sizes", max(middle(paired(ways, NEWEST, TOKEN, lambda a, b: a - b)) for ways in reads), 15 if edition == "native" else 100, " µs")
        busy = [ways for (_, _, part), ways in own.items() if part == "read, with events"]
        goal(f"{edition}: the same, while events arrive", max(middle(paired(ways, NEWEST, TOKEN, lambda a, b: a - b)) for ways in busy), 15 if edition == "native" else 100, " µs")
    for edition, polled, hooks in events:
        goal(f"{edition}: events in answers of 100, one connection", float(polled), 2000, " a second", True)
        goal(f"{edition}: webhooks over eight connections", float(hooks), 1000, " a second", True)
    for edition, removals in refused.items():
        goal(f"{edition}: statements that began after the commit had returned, and still saw rows", float(sum(int(seen) for _, seen, _, _ in removals)), 0, "")
    return rows


def percentiles(numbers):
    numbers = sorted(numbers)
    return " / ".join(f"{numbers[min(len(numbers) - 1, int(len(numbers) * part))]:,.0f}" for part in (0.5, 0.95, 1))


def page(folder, about, load_before, load_after, seconds, rows, command):
    values, events, refused, statements = measured(folder), lines(folder, "events"), {}, {}
    for edition, *fields in lines(folder, "refusals"):
        if fields[0] == "statement":
            statements[edition] = fields[1:]
        else:
            refused.setdefault(edition, []).append(fields)
    print("# Performance of the directory\n")
    print("<!-- Generated by bench/directory.sh together with all its numbers. -->\n")
    print(f"What it costs to ask the [directory](how-to/directory.md), beside a literal and beside a policy that is written by hand. Measured on {about}, in one run of {max(1, int(seconds) // 60)} minutes, of\n")
    print(f"<!-- not run: it takes minutes, and a machine that does nothing else -->\n```sh\n{command}\n```\n")
    print(f"The load average of one minute was {load_before} before it and {load_after} after it.", end=" ")
    if load_before.replace(".", "", 1).isdigit() and float(load_before) > 0.5:
        print("**The machine had been busy in the minute before, so look at the spread, and repeat it on a machine that does nothing else.**", end=" ")
    print("All ways take turns in each round, and are compared within the round. The numbers are medians; in brackets are the quartiles. Where these are further apart than a quarter of the median, there is no number.\n")
    print("## Goals\n")
    table(["what", "goal", "measured", "met"], goals(values, events, refused))
    print("## Policies\n")
    print("- a literal: `org_id = 'org_7'`\n"
          "- token and newest: what `workos_configure(membership => …)` was given\n"
          "- `EXISTS` and `IN` by hand: `exists (select from member m where m.org_id = document.org_id and m.user_id = (select auth.jwt() ->> 'sub') and m.status = 'active')`, "
          "and the same with `org_id in (select …)`. The table `member` has a primary key on the user and the organization, and a policy by which users read their own rows\n"
          "- portable edition: each helper is called in a sub-select, as its documentation says\n")
    for part, heading, unit in (
        ("read, prepared", "A row by its key, in a transaction that sets the claims: prepared", "µs"),
        ("read, planned", "The same, planned each time", "µs"),
        ("count, indexed", f"All rows of an organization, of {int(rows):,}, by an index", "ms"),
        ("count, not indexed", "The same without an index", "ms"),
    ):
        print(f"### {heading}\n")
        keys = [key for key in values if key[2] == part]
        ways = [way for way in WAYS if any(way in values[key] for key in keys) and way != LITERAL]
        head = ["edition", "memberships", f"a literal, {unit}"] + [f"{way}, to the literal" for way in ways] + (["newest less token, µs"] if unit == "µs" else [])
        table(head, [
            [edition, f"{int(memberships):,}", cell(list(values[key][LITERAL].values()))] + [cell(ratios(values[key], way)) for way in ways]
            + ([difference(values[key], NEWEST, TOKEN)] if unit == "µs" else [])
            for key in keys for edition, memberships, _ in [key]])
    print("### While events arrive\n\nPrepared reads, microseconds. One connection updates memberships of the same organization, as fast as it can.\n")
    table(["edition", "events", "a literal", TOKEN, NEWEST, "newest less token"], [
        [edition, memberships.replace("-", " "), *(cell(list(values[key][way].values())) for way in (LITERAL, TOKEN, NEWEST)), difference(values[key], NEWEST, TOKEN)]
        for key in values if key[2] == "read, with events" for edition, memberships, _ in [key]])
    print("## From the commit of an event to the first refusal\n")
    print("One connection reads a row in a loop, while another applies the event by which the member is removed. Microseconds: median / 95% / most. A statement can be refused before the "
          "commit has returned to the connection that made it, so the first of these can be negative.\n")
    table(["edition", "removals", "statements that began after the commit had returned, and saw rows", "from the return of the commit to the end of the first refused statement", "from sending the event to that", "one statement, median"], [
        [edition, str(len(removals)), str(sum(int(seen) for _, seen, _, _ in removals)), percentiles([float(after) for _, _, after, _ in removals]), percentiles([float(sent) for _, _, _, sent in removals]),
         number(float(statements[edition][0]))] for edition, removals in refused.items()])
    print("## Feeding\n")
    table(["edition", "events a second, in answers of 100 by one connection", "webhooks a second, by eight connections"], [[edition, f"{int(polled):,}", f"{int(hooks):,}"] for edition, polled, hooks in events])


WAYS = [LITERAL, TOKEN, NEWEST, "workos_org_with_permission(), token", "workos_org_with_permission(), newest", "workos_org_ids()", "EXISTS by hand", "IN by hand"]

if sys.argv[1] == "refusals":
    refusals(sys.argv[2], int(sys.argv[3]))
else:
    folder, target, *more = sys.argv[2:]
    with open(target + ".md", "w", encoding="utf-8") as output:
        sys.stdout = output
        page(folder, *more)
