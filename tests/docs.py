"""Checks the documents.

    docs.py links                      every relative link of every document leads to a file, and to a heading in it
    docs.py errors                     docs/reference/errors.md has every message of src/errors.rs, and no other
    docs.py functions EDITION [psql -v options]
                                       docs/reference/functions.md has every public function of the database, with its
                                       signature, and every example returns what the page says
    docs.py recipes DOCUMENT TESTS FOLDER
                                       writes a pgTAP file into FOLDER for each section of a document: its SQL, and its test
                                       in the folder TESTS. A line "-- block 2" in the test stands for the second block of SQL
    docs.py coverage DOCUMENT...       in all documents but these, which are run, a comment <!-- not run: REASON --> stands
                                       above each block of SQL
    docs.py run DOCUMENT [psql options]
                                       runs all SQL of a document in one session; each line that begins with "--  " is a
                                       line of the output

EDITION is native or portable. The examples run in psql, which the environment connects to a database.
"""

import pathlib
import re
import subprocess
import sys

from markdown_it import MarkdownIt

ROOT = pathlib.Path(__file__).resolve().parent.parent
NATIVE_ONLY = "Verified tokens"
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
        for token in parse(document):
            for part in token.children or []:
                target = part.attrs.get("href") or part.attrs.get("src")
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


def psql(statements, *options):
    run = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", *options], input=statements, capture_output=True, text=True)
    return run.stdout, run.stderr


def functions(edition, *options):
    tokens = parse(ROOT / "docs/reference/functions.md")
    chapter = section = claims = None
    signatures, examples = {}, []
    for n, token in enumerate(tokens):
        if token.type == "heading_open":
            title = tokens[n + 1].content
            chapter, section = (title, None) if token.tag == "h2" else (chapter, title)
        elif edition == "portable" and chapter == NATIVE_ONLY:
            continue
        elif token.type == "inline" and section and section not in signatures and token.content.startswith(f"`{section}("):
            signatures[section] = token.content.strip("`")
        elif token.type == "fence" and token.info == "sql":
            if chapter is None:
                claims = token.content
            else:
                examples.append((section, SET_UP if chapter == NATIVE_ONLY else claims, token.content))
    listed, error = psql(r"""
        select p.proname || '(' || pg_get_function_arguments(p.oid) || ') → ' || pg_get_function_result(p.oid)
        from pg_proc p where p.pronamespace = 'extensions'::regnamespace and p.proname ~ '^workos_' and p.prorettype <> 'trigger'::regtype
    """)
    faults = [error] if error else []
    present = {line for line in listed.splitlines()}
    faults += [f"functions.md lacks: {line}" for line in sorted(present - set(signatures.values()))]
    faults += [f"the database has no: {line}" for line in sorted(set(signatures.values()) - present)]
    faults += [f"no example: {name}" for name in sorted(set(signatures) - {section for section, _, _ in examples})]
    if edition == "native":
        named = set(re.findall(r"^\| `(workos\.\w+)`", (ROOT / "docs/reference/settings.md").read_text(), re.M))
        # pg_settings does not list workos.access_token, but current_setting() knows it once the library is loaded.
        load = "select extensions.workos_library_version() \\g /dev/null\n"
        listed, error = psql(load + "select name from pg_settings where name ^@ 'workos.'")
        faults += [error] if error else []
        faults += [f"settings.md lacks: {name}" for name in sorted(set(listed.split()) - named)]
        faults += [f"the database has no setting: {name}" for name in sorted(named) if psql(f"{load}select current_setting('{name}')")[1]]
    for section, before, example in examples:
        wanted = [line[2:].strip() for line in example.splitlines() if line.startswith("--")]
        output, error = psql(f"begin;\n\\o /dev/null\n{before}\n\\o\n{example}\nrollback;\n", *options)
        got = [line.strip() for line in output.splitlines()]
        if error or not wanted or got != wanted:
            faults.append(f"{section}: expected {wanted}, got {got} {error}")
    return faults, f"{len(signatures)} functions and {len(examples)} examples of the {edition} edition"


def recipes(document, tests, folder):
    sections, section = {}, None
    tokens = parse(ROOT / document)
    for n, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            section = anchor(tokens[n + 1].content)
        elif token.type == "fence" and token.info == "sql":
            sections.setdefault(section, []).append(token.content)
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
        end = "select workos_test.logout();\nselect * from finish();\nrollback;\n"
        (pathlib.Path(folder) / f"{name}.sql").write_text(begin + test + end)
    return faults, f"{len(sections)} sections of {document}"


def documents():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / name for name in listed.stdout.split() if (ROOT / name).exists()]


def coverage(*executed):
    faults = [f"{name} does not exist" for name in executed if not (ROOT / name).exists()]
    skipped = 0
    for document in set(documents()) - {ROOT / name for name in executed}:
        before = None
        for token in parse(document):
            if token.type == "fence" and token.info == "sql":
                skipped += 1
                if before is None or not re.match(r"<!-- not run: .+ -->", before.content):
                    faults.append(f"{document.relative_to(ROOT)}: a block of SQL that is not run, without a reason: {token.content.splitlines()[0]}")
            before = token
    return faults, f"{len(executed)} documents whose SQL is run, {skipped} blocks elsewhere that are not"


def run(document, *options):
    script = "".join(token.content for token in parse(ROOT / document) if token.type == "fence" and token.info == "sql")
    # The roles of a cluster may be there from another database.
    create_role = r"^create role (\w+)(.*);$"
    script = re.sub(create_role, r"select 'create role \1\2' where to_regrole('\1') is null \\gexec", script, flags=re.M)
    run = subprocess.run(["psql", "-XqA", "-P", "footer=off", "-v", "ON_ERROR_STOP=1", *options], input=script, capture_output=True, text=True)
    faults = [f"{document}: {run.stderr}"] if run.returncode else []
    output = iter(run.stdout.splitlines())
    wanted = [line for line in script.splitlines() if line.startswith("--  ")]
    for line in wanted:
        cells = "|".join(cell.strip() for cell in line[2:].split("|"))
        if cells not in output:
            faults.append(f"{document}: the output has no line {cells}")
    return faults, f"{len(script.splitlines())} lines of SQL in {document}, {len(wanted)} lines of output"


def main(command, *arguments):
    faults, about = {"links": links, "errors": errors, "functions": functions, "recipes": recipes, "coverage": coverage, "run": run}[command](*arguments)
    for fault in faults:
        print(f"not ok - {fault}")
    print(f"{'not ok' if faults else 'ok'} - {about}")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
