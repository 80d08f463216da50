"""Runs pgspot on the given scripts, for scripts/pgspot.sh. Commands and variables of psql are replaced first, and all
expressions of PL/pgSQL and all bodies in standard SQL are checked, too. Some complaints are excepted, see EXCEPTIONS.

Fails for each complaint, for each part that cannot be parsed, and for each exception that matches no complaint.
"""

import re
import sys
from argparse import Namespace
from pathlib import Path

from pglast import ast
from pglast.enums.parsenodes import VariableSetKind
from pgspot import visitors
from pgspot.formatters import format_function, format_name, get_text
from pgspot.state import Counter, State

# Exceptions: a script, a complaint, and the reason why it is safe. The pattern must match the whole line.
EXCEPTIONS = [
    # A policy calls these functions for each row. A SET clause would take effect and end at each call. So they have none,
    # and every name in their bodies is qualified. Complaints about names in their bodies are not excepted.
    (
        r"pg_workos(_portable--.*)?\.sql",
        r"PS005 ext(ensions|schema)\._workos_(ordinary|quick|kind|application|string|delegation|with|list|role|instant)\(.*\)",
    ),
    # The file can be run again. owners.sql, which it includes at its beginning and end, raises an error if another role
    # owns one of these functions or the schema.
    (r"pg_workos\.sql", r"PS002 extensions\._?workos_\w+\(.*\)|PS012 extensions\.workos_audiences"),
    # The file can be run again. At its beginning it raises an error if another role owns the schema or one of its functions.
    (r"pg_workos_testing\.sql", r"PS002 workos_test\.\w+\(.*\)"),
    # The file can be run again. At its beginning it raises an error if another role owns the schema or an object in it.
    (r"pg_workos_directory\.sql", r"PS0(02|12|15) workos\.\w+(\(.*\))?|PS014 memberships_of_\w+"),
    # They run a command of the caller, or find triggers and functions, with the search_path of the caller. All other names in them are qualified.
    (r"pg_workos_testing\.sql", r"PS005 workos_test\.(_try|_why_no_row|outcome|sees|sees_nothing|may|may_not|isolation_report|isolates|access_matrix)\(.*\)"),
]


class Complaints(Counter):
    """Collects the complaints instead of printing them."""

    def __init__(self):
        super().__init__(Namespace(ignore=[], ignore_lang=[], proc_without_search_path=[], sql_fn=[], plpgsql=True, summary_only=False))
        self.lines = []

    def print_issue(self, code, context):
        self.lines.append(f"{code} {' '.join(context.split())}")

    def unknown(self, message):
        self.lines.append(f"unknown {message}")


class SQLVisitor(visitors.SQLVisitor):
    def visit_CreateFunctionStmt(self, ancestors, node):
        # The names in a body in standard SQL are resolved once, when the function is created. They are visited as parts
        # of this statement.
        if node.sql_body is None:
            super().visit_CreateFunctionStmt(ancestors, node)
        elif node.replace:
            self.state.warn("PS002", format_function(node))

    def visit_VariableSetStmt(self, ancestors, node):
        super().visit_VariableSetStmt(ancestors, node)
        if node.name == "search_path" and node.kind == VariableSetKind.VAR_SET_DEFAULT:
            self.state.reset_searchpath()

    def visit_FuncCall(self, ancestors, node):
        path = node.args and get_text(node.args[0]) == "search_path" and format_name(node.funcname) == "pg_catalog.set_config"
        if path and not isinstance(node.args[1], ast.A_Const):
            self.state.reset_searchpath()
        else:
            super().visit_FuncCall(ancestors, node)


class PLPGSQLVisitor(visitors.PLPGSQLVisitor):
    """Visits every expression. The visitor of pgspot misses those of ELSIF, RETURN QUERY and others."""

    def visit(self, node):
        if isinstance(node, list):
            for item in node:
                self.visit(item)
        elif isinstance(node, dict):
            for key, value in node.items():
                if key == "PLpgSQL_expr":
                    # Objects that are created here may depend on a condition, so they do not count as created by the script.
                    schemas = list(self.state.created_schemas)
                    visitors.visit_sql(self.state, as_statement(value["query"], value["parseMode"]))
                    self.state.created_schemas = schemas
                    continue
                # The type of a variable is resolved when the function runs; that of an argument is not.
                if key == "PLpgSQL_var" and "lineno" in value and not self.state.searchpath_secure:
                    name = value["datatype"]["PLpgSQL_type"]["typname"]
                    if "." not in name:
                        self.state.warn("PS017", f"type {name}")
                self.visit(value)


def as_statement(query, mode):
    """Returns a statement that computes the expression. The modes are those of the parser of Postgres."""
    match mode:
        case 0:
            return query
        case 2:
            return f"SELECT {query}"
        case _:  # an assignment
            return f"SELECT {re.sub(r'^.*?:?=', '', query, count=1, flags=re.DOTALL)}"


visitors.SQLVisitor = SQLVisitor
visitors.PLPGSQLVisitor = PLPGSQLVisitor


def without_psql(script):
    """Returns the script with commands of psql as comments, and with its variables replaced by names and literals."""
    script = re.sub(r"\\(?:gset|gexec|g)\b.*$", ";", script, flags=re.MULTILINE)
    script = re.sub(r"^(\s*)\\", r"\1-- \\", script, flags=re.MULTILINE)
    return re.sub(r"(?<!:):(['\"])(\w+)\1", r"\1\2\1", script)


def main(files):
    excused = set()
    failed = False
    for file in files:
        complaints = Complaints()
        try:
            visitors.visit_sql(State(complaints), without_psql(Path(file).read_text(encoding="utf8")), toplevel=True)
        except Exception as error:  # anything that pgspot could not parse
            complaints.lines.append(f"not parsed: {error!r}")
        for line in complaints.lines:
            excuse = next((e for e in EXCEPTIONS if re.fullmatch(e[0], Path(file).name) and re.fullmatch(e[1], line)), None)
            if excuse:
                excused.add(excuse)
            else:
                failed = True
                print(f"{file}: {line}")
        print(f"{file}: {len(complaints.lines)} complaints")
    if len(files) > 1:
        for excuse in EXCEPTIONS:
            if excuse not in excused:
                failed = True
                print(f"the exception {excuse} excuses nothing")
    sys.exit(failed)


main(sys.argv[1:])
