"""Checks the documents.

    docs.py links                      every relative link of every document leads to a file, and to a heading in it
    docs.py errors                     docs/reference/errors.md has every message of src/errors.rs, and no other
    docs.py symptoms                   docs/how-to/troubleshooting.md has a cause, a check, a remedy and a test for each text of an
                                       error, and the test has this text
    docs.py functions EDITION [psql -v options]
                                       docs/reference/functions.md has every public function of the database, with its
                                       signature, and every example returns what the page says
    docs.py schema NAME DOCUMENT       the document has every function of that schema with its signature, and every table
    docs.py recipes DOCUMENT TESTS FOLDER
                                       writes a pgTAP file into FOLDER for each section of a document: its SQL, and its test
                                       in the folder TESTS. A line "-- block 2" in the test stands for the second block of SQL
    docs.py lint EDITION               docs/reference/lint.md has every rule of workos_lint(), which finds it in the first block of
                                       SQL below its heading, and finds nothing in the second
    docs.py run DOCUMENT               runs all blocks of SQL and of shell commands of a document, in the database PGDATABASE,
                                       which the document calls mydb, with the token ACCESS_TOKEN; each line that begins with "--  " is a line of the output, and
                                       with "--  ERROR: " an error. There is no other error
    docs.py coverage DOCUMENT...       in all documents but these, a comment <!-- not run: REASON --> stands above each block
                                       of SQL and of shell commands

EDITION is native or portable. The examples run in psql, which the environment connects to a database.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

from markdown_it import MarkdownIt

ROOT = pathlib.Path(__file__).resolve().parent.parent
NATIVE_ONLY = "Verified tokens"
STATEMENT = r"(?i)\s*(\$ |(select|insert|update|delete|create|alter|grant|revoke|begin|drop|set|with|psql|curl|npm|npx|make|cat|cd|docker|sudo|source|git|cargo|pip)\b)"
SET_UP = "set local workos.claims_source = 'token';\nselect workos_trust_issuer(:'issuer', :'jwks');"


def parse(path):
    return MarkdownIt("commonmark").enable("table").parse(path.read_text())


def anchor(heading):
    """The anchor that GitHub gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def headings(path):
    tokens = parse(path)
    return [tokens[n + 1].content for n, token in enumerate(tokens) if token.type == "heading_open"]


def links():
    faults = []
    for document in documents():
        for part in (part for token in parse(document) for part in [token, *(token.children or [])]):
            # Links in Markdown, and in HTML
            for target in [part.attrs.get("href"), part.attrs.get("src"), *(re.findall(r"""(?:href|src)=["']([^"']*)""", part.content) if part.type.startswith("html_") else [])]:
                if target is None or re.match(r"[a-z]+:", target):
                    continue
                path, _, fragment = target.partition("#")
                file = (document.parent / path).resolve() if path else document
                if not file.exists():
                    faults.append(f"{document.relative_to(ROOT)}: {target} does not exist")
                elif fragment and file.suffix == ".md" and fragment not in map(anchor, headings(file)):
                    faults.append(f"{document.relative_to(ROOT)}: {target} names no heading")
    return faults, f"the links of {len(documents())} documents"


def errors():
    source = (ROOT / "src/errors.rs").read_text().partition("fn words")[2]
    # A message begins in lower case, a hint with a capital.
    wanted = {text.replace('\\"', '"').replace("\\\\", "\\") for text in re.findall(r'"((?:[^"\\]|\\.)*)"', source) if text[0].islower() and " " in text}
    page = (ROOT / "docs/reference/errors.md").read_text()
    found = set(re.findall(r"^\| ([a-z].*?) \|", page, re.M)) - {"message"}
    faults = [f"errors.md lacks: {text}" for text in sorted(wanted - found)]
    faults += [f"src/errors.rs has no longer: {text}" for text in sorted(found - wanted)]
    return faults, f"{len(found)} messages"


def symptoms():
    path = ROOT / "docs/how-to/troubleshooting.md"
    chapter = path.read_text().partition("## By the text of the error\n")[2].partition("\n## ")[0]
    sections = re.split(r"^### ", chapter, flags=re.M)[1:]
    faults = []
    for section in sections:
        text = section.splitlines()[0].strip("`")
        faults += [f"{text}: no {part}" for part in ("Cause", "Check", "Remedy") if f"- **{part}.**" not in section]
        test = re.search(r"^Test: \[.*\]\((.*)\)\.$", section, re.M)
        if test and text not in (path.parent / test[1]).read_text().replace('\\"', '"'):
            faults.append(f"{test[1]} does not have the text: {text}")
        if not test and not re.search(r"^Not run: ", section, re.M):
            faults.append(f"{text}: no test")
    return faults, f"{len(sections)} texts of errors"


def psql(statements, *options):
    run = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", *options], input=statements, capture_output=True, text=True)
    return run.stdout, run.stderr


def functions(edition, *options):
    tokens = parse(ROOT / "docs/reference/functions.md")
    chapter = section = claims = of_chapter = None
    signatures, examples = {}, []
    for n, token in enumerate(tokens):
        if token.type == "heading_open":
            title = tokens[n + 1].content
            chapter, section, of_chapter = (title, None, None) if token.tag == "h2" else (chapter, title, of_chapter)
        elif edition == "portable" and chapter == NATIVE_ONLY:
            continue
        elif token.type == "inline" and section and re.fullmatch(rf"`{section}\(.*\) → .*`", token.content):
            signatures.setdefault(section, set()).add(token.content.strip("`"))
        elif token.type == "fence" and token.info == "sql":
            if chapter is None:
                claims = token.content
            elif section is None:
                of_chapter = token.content
            else:
                examples.append((section, SET_UP if chapter == NATIVE_ONLY else of_chapter or claims, token.content))
    listed, error = psql(r"""
        select p.proname || '(' || pg_get_function_arguments(p.oid) || ') → ' || pg_get_function_result(p.oid)
        from pg_proc p where p.pronamespace = 'extensions'::regnamespace and p.proname ~ '^workos_' and p.prorettype <> 'trigger'::regtype
    """)
    faults = [error] if error else []
    present = {line for line in listed.splitlines()}
    listed_here = set().union(*signatures.values())
    faults += [f"functions.md lacks: {line}" for line in sorted(present - listed_here)]
    faults += [f"the database has no: {line}" for line in sorted(listed_here - present)]
    faults += [f"no example: {name}" for name in sorted(set(signatures) - {section for section, _, _ in examples})]
    if edition == "native":
        rows = re.findall(r"^\| `(workos\.\w+)` \| (.*?) \| (.*?) \|", (ROOT / "docs/reference/settings.md").read_text(), re.M)
        named = {name for name, _, _ in rows}
        # pg_settings does not list workos.access_token, but current_setting() knows it once the library is loaded.
        load = "select extensions.workos_library_version() \\g /dev/null\n"
        listed, error = psql(load + "select name, setting, case context when 'user' then 'everybody' else 'superusers' end from pg_settings where name ^@ 'workos.'")
        faults += [error] if error else []
        for name, default, who in (line.split("|") for line in listed.split()):
            if not any(row[0] == name and row[1] == f"`{default}`" and row[2].startswith(who) for row in rows):
                faults.append(f"settings.md lacks: {name}, {default}, {who}")
        faults += [f"the database has no setting: {name}" for name in sorted(named) if psql(f"{load}select current_setting('{name}')")[1]]
    for section, before, example in examples:
        wanted = [line[2:].strip() for line in example.splitlines() if line.startswith("--")]
        output, error = psql(f"begin;\n\\o /dev/null\n{before}\n\\o\n{example}\nrollback;\n", *options)
        got = [line.strip() for line in output.splitlines()]
        if error or not wanted or got != wanted:
            faults.append(f"{section}: expected {wanted}, got {got} {error}")
    return faults, f"{len(signatures)} functions and {len(examples)} examples of the {edition} edition"


def schema(name, document):
    tokens = parse(ROOT / document)
    listed_here = {token.content.strip("`") for token in tokens if token.type == "inline" and re.fullmatch(rf"`{name}\.\w+\(.*\) → .*`", token.content)}
    listed, error = psql(rf"""
        select '{name}.' || p.proname || '(' || pg_get_function_arguments(p.oid) || ') → ' || pg_get_function_result(p.oid)
        from pg_proc p where p.pronamespace = '{name}'::regnamespace and p.proname !~ '^_' and p.prorettype <> 'trigger'::regtype
    """)
    present = set(listed.splitlines())
    faults = [error] if error else []
    faults += [f"{document} lacks: {line}" for line in sorted(present - listed_here)]
    faults += [f"the database has no: {line}" for line in sorted(listed_here - present)]
    listed, error = psql(f"select '{name}.' || relname from pg_class where relnamespace = '{name}'::regnamespace and relkind in ('r', 'v') and obj_description(oid) is not null")
    faults += [error] if error else []
    tables = set(re.findall(rf"`({name}\.\w+)`", (ROOT / document).read_text()))
    faults += [f"{document} lacks: {table}" for table in sorted(set(listed.split()) - tables) if name == "workos"]
    faults += [f"the database has no: {table}" for table in sorted(tables - set(listed.split()))]
    return faults, f"{len(listed_here)} functions of the schema {name}"


def blocks_by_section(document):
    sections, section = {}, None
    tokens = parse(ROOT / document)
    for n, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            section = anchor(tokens[n + 1].content)
        elif token.type == "fence" and token.info == "sql":
            sections.setdefault(section, []).append(token.content)
    return sections


def write_sections(document, folder):
    sections = blocks_by_section(document)
    for name, found in sections.items():
        (pathlib.Path(folder) / f"{name}.sql").write_text("\n".join(found))
    return [], f"{len(sections)} sections of {document}"


def recipes(document, tests, folder):
    sections = blocks_by_section(document)
    tests = {path.stem: path.read_text() for path in (ROOT / tests).glob("*.sql") if path.stem != "setup"}
    faults = [f"no test: {name}" for name in sorted(set(sections) - set(tests))]
    faults += [f"no recipe: {name}" for name in sorted(set(tests) - set(sections))]
    for name in sorted(set(sections) & set(tests)):
        test = tests[name]
        if "-- block 1\n" not in test:
            test = "-- block 1\n" + test
        for n, block in enumerate(sections[name], 1):
            test = test.replace(f"-- block {n}\n", block)
        if re.search(r"^-- block \d", test, re.M):
            faults.append(f"{name}: the test names a block that the document does not have")
        begin = "begin;\nset local search_path = recipes, extensions, tap;\nselect no_plan();\n"
        # Only a recipe's own objects count. The calls for each row, of the portable edition alone, are for big tables.
        lint = "select rule, object, problem from workos_lint() where object ~ '\\mrecipes\\.' and rule <> 'call_per_row'"
        end = f"select workos_test.logout();\nselect is_empty($${lint}$$, 'workos_lint() finds nothing');\nselect * from finish();\nrollback;\n"
        (pathlib.Path(folder) / f"{name}.sql").write_text(begin + test + end)
    return faults, f"{len(sections)} sections of {document}"


def lint(edition):
    source = "".join(path.read_text() for path in (ROOT / "sql/source/common/lint").glob("*.sql"))
    rules = set(re.findall(r"(?:rule := |array\[)'([a-z_]+)'", source)) | set(re.findall(r"^\t\twhen '([a-z_]+)' then (?:'|case)", source, re.M)) | {"view_as_owner"}
    tokens = parse(ROOT / "docs/reference/lint.md")
    set_up, sections, section, faults = None, {}, None, []
    for n, token in enumerate(tokens):
        if token.type == "heading_open":
            section = tokens[n + 1].content if token.tag == "h3" else None
        elif token.type == "fence" and token.info == "sql":
            if section is not None:
                sections.setdefault(section, []).append(token.content)
            elif set_up is None:
                set_up = token.content
    faults += [f"lint.md lacks the rule {name}" for name in sorted(rules - set(sections) - {"not_read", "summary"})]
    faults += [f"there is no rule {name}" for name in sorted(set(sections) - rules)]
    before = "begin;\nset local client_min_messages = warning;\ncreate schema lint_examples;\ngrant usage on schema lint_examples to authenticated;\n"
    # A table like that of the directory, which is found by its name.
    before += "create schema workos;\ncreate table workos.memberships (user_id text, organization_id text, status text);\nset local search_path = lint_examples, extensions;\n"
    after = "\nselect distinct rule from workos_lint() where object ~ '\\mlint_examples\\.' and object not like '%members' order by rule;\nrollback;\n"
    for name, found in sections.items():
        if len(found) != 2:
            faults.append(f"{name} has {len(found)} blocks")
            continue
        for about, block in zip(("bad", "good"), found):
            # Tables without a policy are no finding here, unless the rule is about them.
            lines, error = psql(before + set_up + block + (after.replace(" and object not like '%members'", "") if name == "recursion" else after))
            got = set(lines.split()) - ({"no_policy"} if name != "no_policy" else set())
            wanted = {name} if about == "bad" and not (name == "call_per_row" and edition == "native") else set()
            if name == "no_policy" and "documents" in set_up and about == "good":
                got -= {"no_policy"}
            if error or got != wanted:
                faults.append(f"{name}, the {about} example: {sorted(got)} {error}")
    return faults, f"{len(sections)} rules of the {edition} edition"


def documents():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / name for name in listed.stdout.split() if (ROOT / name).exists()]


def blocks(document):
    """The blocks of SQL and of shell commands, each with its language, and the reason for which it is not run, or None."""
    before = None
    for token in parse(ROOT / document):
        if token.type == "fence" and token.info.split()[:1] in (["sql"], ["sh"]):
            reason = re.match(r"<!-- not run: (.+) -->", before.content) if before is not None else None
            yield token.info.split()[0], token.content, reason and reason[1]
        before = token


def coverage(*executed):
    faults = [f"{name} does not exist" for name in executed if not (ROOT / name).exists()]
    skipped = 0
    for document in documents():
        name = str(document.relative_to(ROOT))
        for token in parse(document):
            if token.type in ("fence", "code_block") and (
                token.info.lower() != token.info or token.info in ("bash", "shell", "console", "zsh", "postgresql", "postgres", "psql", "plpgsql", "pgsql")
                or not token.info and re.match(STATEMENT, token.content)
            ):
                faults.append(f"{name}: a block that is neither sql nor sh, but looks so: {token.info} {token.content.splitlines()[0]}")
        for language, content, reason in blocks(name):
            skipped += reason is not None
            if name not in executed and reason is None:
                faults.append(f"{name}: a block of {language} that is not run, without a reason: {content.splitlines()[0]}")
    return faults, f"{len(executed)} documents are run; {skipped} blocks are not, and say why"


def run(document):
    faults, ran, seen = [], 0, 0
    for language, content, reason in blocks(document):
        if reason:
            continue
        ran += 1
        if language == "sql":
            # The roles of a cluster may be there from another database.
            content = re.sub(r"^create role (\w+)(.*);$", r"select 'create role \1\2' where to_regrole('\1') is null \\gexec", content, flags=re.M)
            refused = re.findall(r"^--  (ERROR: .*)", content, re.M)
            command = ["psql", "-XqA", "-P", "footer=off", "-v", f"ON_ERROR_STOP={0 if refused else 1}"]
        else:
            content = re.sub(r"\bmydb\b", os.environ["PGDATABASE"], content).replace("client_01…", "client_01DEMO")
            command = ["bash", "-euo", "pipefail"]
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(command, input=content, capture_output=True, text=True, cwd=folder)
        if done.returncode or re.findall("ERROR: .*", done.stderr) != (refused if language == "sql" else []):
            faults.append(f"{document}: {content}{done.stderr}")
        output = iter(["|".join(cell.strip() for cell in line.split("|")) for line in done.stdout.splitlines()])
        for line in content.splitlines():
            if re.match("--  (?!ERROR: )", line):
                seen += 1
                cells = "|".join(cell.strip() for cell in line[2:].split("|"))
                if cells not in output:  # This goes on behind the last line that was found.
                    faults.append(f"{document}: the output has no line {cells}")
    return faults, f"{ran} blocks of {document}, with {seen} lines of output"


def main(command, *arguments):
    faults, about = {"links": links, "errors": errors, "symptoms": symptoms, "functions": functions, "schema": schema, "recipes": recipes, "sections": write_sections, "lint": lint, "coverage": coverage, "run": run}[command](*arguments)
    for fault in faults:
        print(f"not ok - {fault}")
    print(f"{'not ok' if faults else 'ok'} - {about}")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
