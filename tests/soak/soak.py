"""`make soak`: hundreds of identities over few connections, while keys, revocations and memberships change and, in the second half, connections and servers
fail. Each transaction checks whose rows it sees. scripts/soak.sh starts the first server and sets the environment.

What may be seen is known: `Timeline` holds what was in force when. An answer is wrong if it was not possible at any moment of its transaction. An error is
unasked for if neither the transaction nor a fault at that time explains it. One of either makes the exit code 1.
"""

import base64
import bisect
import collections
import contextlib
import itertools
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import threading
import time

import psycopg
from psycopg import ClientCursor

WORK = pathlib.Path(os.environ["WORK"])
BIN = os.environ["BIN"]
POOLER = os.environ["POOLER"]
SECONDS = float(os.environ.get("SOAK_SECONDS") or 60 * float(os.environ.get("SOAK_MINUTES") or 10))
SEED = int(os.environ.get("SEED") or random.randrange(2**31))
FAULTS = os.environ.get("SOAK_FAULTS", "all")
ORGS = int(os.environ["ORGS"])
USERS = 400
ISSUER = "https://api.workos.com/user_management/client_01SOAK"
DATABASE = "soak"
# A part of every claims object that is sent as a parameter, and never in the text of a statement: no log may hold it.
SECRET = "topsecret"
START = time.time()
random.seed(SEED)


def org(user):
    return f"org_{user % ORGS}"


# What is right


class Timeline:
    """What was in force when. Each change takes effect at some moment between its beginning and its end."""

    def __init__(self, value):
        self.began, self.ended, self.values = [0.0], [0.0], [value]

    @property
    def latest(self):
        return self.values[-1]

    @contextlib.contextmanager
    def change(self, value):
        self.ended.append(float("inf"))
        self.values.append(value)
        self.began.append(time.time())
        yield
        self.ended[-1] = time.time()

    def possible(self, since, until):
        # Only one thread changes it, and adds to `began` last.
        last = bisect.bisect_right(self.began, until)
        first = last - 1
        while first > 0 and self.ended[first] > since:
            first -= 1
        return self.values[first:last]


User = collections.namedtuple("User", "active writes generation membership")
users = [Timeline(User(True, n % 2 == 0, 0, 0)) for n in range(USERS)]
keys = Timeline(frozenset([0]))


def session(n, generation, **more):
    return {"iss": ISSUER, "sub": f"user_{n}", "sid": f"session_{n}_{generation}", "org_id": org(n), "role": "authenticated", "user_role": "member",
        "permissions": ["of the token"], "iat": int(START) - 3600, "exp": int(START) + 86400, "padding": "000000", **more}


NOBODY = (None, None, False, False, False, 0, None, None)


def answer(n, writes):
    return (f"user_{n}", org(n), True, writes, False, 10, org(n), org(n))


def expected(n, generation, since, until, key=None, exp=None):
    """The answers of the view `who` that are right for this session, and "refused" if its token may be."""
    right = set()
    for trusted in keys.possible(since, until):
        if not trusted:
            right.add("refused" if key is not None else NOBODY)
            continue
        if key is not None and key not in trusted:
            right.add("refused")
            continue
        for user in users[n].possible(since, until):
            if not user.active or generation < user.generation:
                right.add("ended")
            else:
                right.add(answer(n, user.writes))
    # 30 seconds of grace. Seconds are rounded somewhere.
    if exp is not None:
        if since > exp + 31:
            right = {"expired"}
        elif until > exp + 29:
            right.add("expired")
    if key is None:
        right = {NOBODY if r in ("ended", "expired", "refused") else r for r in right}
    return right


# Keys and tokens, with openssl


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=True).stdout


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def key_file(number):
    return WORK / f"key_{number}.pem"


def jwk(number):
    if not key_file(number).exists():
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key_file(number))
    modulus = openssl("rsa", "-in", key_file(number), "-noout", "-modulus").decode().strip().partition("=")[2]
    return {"kty": "RSA", "alg": "RS256", "use": "sig", "e": "AQAB", "kid": f"key_{number}", "n": b64url(bytes.fromhex(modulus))}


KEYS = 4
tokens = {}


def token(n, generation, key):
    if (n, generation, key) not in tokens:
        message = b64url(json.dumps({"alg": "RS256", "kid": f"key_{key}"}).encode()) + "." + b64url(json.dumps(session(n, generation)).encode())
        tokens[n, generation, key] = message + "." + b64url(openssl("dgst", "-sha256", "-sign", key_file(key), "-binary", stdin=message.encode()))
    return tokens[n, generation, key]


# Faults, and which errors each explains

LOST = "lost"  # the connection, or the server
faults = []
fault_counts = collections.Counter()


@contextlib.contextmanager
def fault(name, *explains):
    entry = [name, set(explains), time.time(), float("inf")]
    faults.append(entry)
    yield
    entry[3] = time.time()
    fault_counts[name] += 1


def kind_of(error):
    state = error.sqlstate
    if state is None or state[:2] == "08" or state in ("57P01", "57P02", "57P03"):
        return LOST
    return state


def explained(error, since):
    kind = kind_of(error)
    return any(kind in explains and ended >= since for _, explains, _, ended in faults)


# Counting

counts = collections.Counter()
asked = collections.Counter()
wrong, unasked = [], []
stop = threading.Event()
identities = set()


def note(problems, name, what):
    problems.append(what)
    print(f"{name}: {what}", flush=True)
    # It will not become better.
    if len(problems) >= 20:
        stop.set()


def say_wrong(what):
    note(wrong, "WRONG", what)


def say_unasked(what):
    note(unasked, "UNASKED", what)


def check(about, got, right):
    if got not in right:
        say_wrong(f"{about}: got {got}, which is none of {sorted(map(str, right))}")


# Transactions


class Client(threading.Thread):
    """Runs transactions until the end, over a connection that it opens again when it is lost."""

    def __init__(self, role, pooled, protocol, seed):
        super().__init__(daemon=True)
        self.role, self.pooled, self.protocol = role, pooled, protocol
        self.random = random.Random(seed)
        self.connection = None
        self.since = time.time()

    def connect(self):
        return psycopg.connect(host=str(WORK / "pool") if self.pooled else str(WORK / "current"), port=6432 if self.pooled else 5432, dbname=DATABASE, user=self.role,
            autocommit=True, prepare_threshold=0 if self.protocol == "prepared" else None, cursor_factory=ClientCursor if self.protocol == "simple" else psycopg.Cursor)

    def run(self):
        kinds = [(self.as_user, 12), (self.write, 3), (self.timeout, 1), (self.cancelled, 1), (self.savepoint, 2), (self.nobody, 2)]
        if self.role == "gateway":
            kinds += [(self.anonymous, 2), (self.malformed, 1), (self.subscribers, 2)]
        else:
            kinds += [(self.late_refusal, 2), (self.forged, 1)]
        if not self.pooled:
            kinds += [(self.discard, 1)]
        elif pooler.by_session:
            kinds += [(self.leave, 3)]
        kinds, weights = zip(*kinds)
        while not stop.is_set():
            kind = self.random.choices(kinds, weights)[0]
            try:
                if self.connection is None or self.connection.closed:
                    self.connection = self.connect()
                    self.nobody()
                kind()
                counts[kind.__name__] += 1
                self.since = time.time()
            except psycopg.Error as error:
                name = f"{self.role}, {'pooled' if self.pooled else 'direct'}, {self.protocol}, {kind.__name__}"
                if explained(error, self.since):
                    asked[f"{kind_of(error)} by a fault"] += 1
                    if kind_of(error) == LOST:
                        time.sleep(0.05)
                    else:
                        self.since = time.time()
                else:
                    say_unasked(f"{name}: {error.sqlstate} {error}")
                    self.since = time.time()
                if self.connection:
                    self.connection.close()
                self.connection = None
            except Exception as error:
                say_unasked(f"{kind.__name__}: {error!r}")
                raise
        # Others wait for it.
        if self.connection:
            self.connection.close()

    # What they have in common

    def execute(self, query, parameters=None):
        return self.connection.execute(query, parameters)

    def some_session(self):
        """A user, and a session of theirs: mostly the current one, sometimes one that was revoked."""
        n = self.random.randrange(USERS)
        identities.add(n)
        generation = users[n].latest.generation
        if generation and self.random.random() < 0.2:
            generation -= 1
        return n, generation

    def some_key(self):
        trusted = keys.latest
        return self.random.choice(sorted(trusted)) if trusted and self.random.random() < 0.8 else self.random.randrange(KEYS)

    def sign_in(self, n, generation, key=None, exp=None):
        if self.role == "gateway":
            claims = session(n, generation, **({"exp": exp} if exp else {}))
            if self.protocol != "simple":
                claims["note"] = SECRET
            # In the order of PostgREST
            self.execute("select set_config('search_path', %s, true), set_config('role', %s, true), set_config('request.jwt.claims', %s, true), set_config('request.method', %s, true)",
                ["public, extensions", "authenticated", json.dumps(claims), "GET"])
        else:
            self.execute("set local role authenticated")
            self.execute("select workos_authenticate(%s)", [token(n, generation, key)])

    def who(self):
        return self.execute("select * from who").fetchone()

    def transaction(self, body, read_only=False, exp=None):
        """A transaction of a user, whose token may be refused."""
        n, generation = self.some_session()
        key = self.some_key() if self.role == "app" else None
        since = time.time()
        self.execute("begin isolation level read committed read only" if read_only else "begin")
        try:
            self.sign_in(n, generation, key, exp)
            body(n, generation, key, since)
            self.execute("commit")
        except psycopg.errors.InvalidAuthorizationSpecification as error:
            self.refused(error, n, generation, key, since)
            self.execute("rollback")

    def refused(self, error, n, generation, key, since):
        asked["28000"] += 1
        until = time.time()
        if key is None or not expected(n, generation, since, until, key) & {"refused", "ended"}:
            say_wrong(f"user_{n} {generation} with key {key} was refused: {error.diag.message_primary}")
        elif any(part in str(error) for part in token(n, generation, key).split(".")) or f"user_{n}" in str(error):
            say_wrong("a message holds a part of a token")

    def check(self, about, got, n, generation, key, since, exp=None):
        until = time.time()
        # A session that ended after the sign-in is anonymous.
        right = {NOBODY if r == "ended" else r for r in expected(n, generation, since, until, key, exp)}
        # Who, and which rows: a statement in the middle of which the trusted issuers change may ask them twice.
        if got not in right and len(keys.possible(since, until)) > 1 and any(got[:5] == r[:5] for r in right) and any(got[5:] == r[5:] for r in right):
            asked["a change of the issuers in the middle of a statement"] += 1
        else:
            check(f"{self.role} {about}", got, right)

    # The kinds of transactions

    def as_user(self):
        # Some claims expire while the program runs.
        exp = int(time.time()) - 30 + self.random.randrange(-3, 4) if self.role == "gateway" and self.random.random() < 0.1 else None

        def body(*session):
            for _ in range(self.random.randrange(1, 4)):
                self.check("as a user", self.who(), *session, exp)

        self.transaction(body, self.random.random() < 0.5, exp)
        self.nobody()

    def nobody(self):
        check("after a transaction", self.execute("select workos_user_id(), workos_is_authenticated()").fetchone(), [(None, False)])

    def anonymous(self):
        self.execute("begin isolation level read committed read only")
        self.execute("select set_config('role', 'anon', true), set_config('request.jwt.claims', %s, true)", ['{"role":"anon"}'])
        check("anonymous", self.who(), [NOBODY])
        self.execute("commit")

    def write(self):
        def body(n, generation, key, since):
            other = self.random.random() < 0.3
            try:
                self.execute("insert into notes (org_id, author_id) values (%s, %s)", [org(n + 1) if other else org(n), f"user_{n}"])
                wrote = True
            except psycopg.errors.InsufficientPrivilege:
                asked["42501"] += 1
                wrote = False
            right = expected(n, generation, since, time.time(), key)
            if wrote and (other or answer(n, True) not in right):
                say_wrong(f"user_{n} wrote into {org(n + 1) if other else org(n)}, and may not")
            if not wrote and not other and right == {answer(n, True)}:
                say_wrong(f"user_{n} may write, and was refused")
            if not wrote:
                self.execute("rollback")
                self.execute("begin")

        self.transaction(body)

    def interrupted(self, about, interrupt):
        """A helper that is ended in the middle. The next transaction of the connection is right."""
        def body(n, generation, key, since):
            if self.role == "app":
                statement, parameters = "select long_verification(%s)", [token(n, generation, key)]
            elif self.random.random() < 0.5:
                statement, parameters = "select long_claims(%s)", [json.dumps(session(n, generation))]
            else:
                statement, parameters = "select * from long_helpers", None
            try:
                interrupt()
                self.execute(statement, parameters)
            except psycopg.errors.QueryCanceled:
                asked[f"57014, {about}"] += 1
                self.execute("rollback")
                self.execute("begin")

        self.transaction(body)
        self.transaction(lambda *session: self.check(f"after a {about}", self.who(), *session))
        self.nobody()

    def timeout(self):
        self.interrupted("statement timeout", lambda: self.execute(f"set local statement_timeout = {self.random.randrange(1, 30)}"))

    def cancelled(self):
        connection = self.connection

        def cancel():
            with fault("cancelled by the client", "57014"), contextlib.suppress(psycopg.Error):
                connection.cancel_safe(timeout=30)

        timer = threading.Timer(self.random.uniform(0, 0.03), cancel)
        try:
            # So that it ends, should the request come before the statement.
            self.interrupted("cancel", lambda: (self.execute("set local statement_timeout = 200"), timer.start()))
        finally:
            if timer.ident:
                timer.join()

    def savepoint(self):
        def body(n, generation, key, since):
            self.execute("savepoint s")
            m, other = self.some_session()
            began = time.time()
            try:
                self.sign_in(m, other, key)
                self.check("in a savepoint", self.who(), m, other, key, began)
            except psycopg.errors.InvalidAuthorizationSpecification as error:
                self.refused(error, m, other, key, began)
            self.execute("rollback to s")
            self.check("after ROLLBACK TO", self.who(), n, generation, key, since)

        self.transaction(body)

    def malformed(self):
        self.execute("begin")
        self.execute("select set_config('request.jwt.claims', %s, true), set_config('role', 'authenticated', true)", ['{"sub":"user_1","sid":"session_1"'])
        try:
            self.who()
            say_wrong("malformed claims were read")
        except psycopg.errors.InvalidParameterValue:
            asked["22023"] += 1
        self.execute("rollback")
        self.as_user()

    def subscribers(self):
        sessions = [self.some_session() for _ in range(10)]
        since = time.time()
        self.execute("begin")
        seen = self.execute("select subscribers(%s)", [[json.dumps(session(n, generation)) for n, generation in sessions]]).fetchone()[0]
        self.execute("commit")
        for (n, generation), got in zip(sessions, seen):
            right = expected(n, generation, since, time.time())
            check("a subscriber", got, {"-" if r == NOBODY else f"user_{n} 10 {org(n)} {org(n)}" for r in right})

    def late_refusal(self):
        """A token that is set as a setting is verified at its first use."""
        n, generation = self.some_session()
        key = self.some_key()
        since = time.time()
        self.execute("begin")
        try:
            self.execute("select set_config('workos.access_token', %s, true), set_config('role', 'authenticated', true)", [token(n, generation, key)])
            self.check("with a setting", self.who(), n, generation, key, since)
            self.execute("commit")
        except psycopg.errors.InvalidAuthorizationSpecification as error:
            self.refused(error, n, generation, key, since)
            self.execute("rollback")
        self.nobody()

    def forged(self):
        n, generation = self.some_session()
        head, payload, signature = token(n, generation, self.some_key()).split(".")
        other = b64url(json.dumps(session(n + 1, generation)).encode())
        self.execute("begin")
        try:
            self.execute("select workos_authenticate(%s)", [f"{head}.{other}.{signature}"])
            say_wrong("a forged token was accepted")
        except psycopg.errors.InvalidAuthorizationSpecification:
            asked["28000, forged"] += 1
        self.execute("rollback")
        self.nobody()

    def leave(self):
        """A client that leaves its claims behind: the pooler gives the connection to nobody before it has discarded them."""
        n, generation = self.some_session()
        self.execute("select set_config('request.jwt.claims', %s, false), set_config('workos.access_token', %s, false)", [json.dumps(session(n, generation)), token(n, generation, 0)])
        self.connection.close()
        self.connection = None

    def discard(self):
        self.execute("discard all")
        self.nobody()
        self.as_user()


# Changes of keys and of the directory


class Director(threading.Thread):
    """Changes what is in force, one thing at a time. After an error it repeats the change until it is known to be made."""

    def __init__(self):
        super().__init__(daemon=True)
        self.random = random.Random(SEED + 1)
        self.connection = None
        self.events = 0
        self.at = 0
        self.since = time.time()
        self.jwks = [jwk(n) for n in range(KEYS)]
        self.rotation = itertools.cycle([{0, 1}, {1}, {1, 2}, {2}, {2, 3}, set(), {3}, {3, 0}, {0}])

    def make(self, statement, parameters):
        while True:
            try:
                if self.connection is None or self.connection.closed:
                    self.connection = psycopg.connect(host=str(WORK / "current"), port=5432, dbname=DATABASE, user="postgres", autocommit=True)
                made = self.connection.execute(statement, parameters).fetchone()[0]
                self.since = time.time()
                return made
            except psycopg.Error as error:
                if not explained(error, self.since):
                    say_unasked(f"a change: {error.sqlstate} {error}")
                if self.connection:
                    self.connection.close()
                time.sleep(0.05)

    def event(self, name, **data):
        self.events += 1
        # Later than every one before
        self.at = max(self.at + 1, time.time_ns() // 1000)
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(self.at // 1000000)) + f".{self.at % 1000000:06}Z"
        event = {"object": "event", "id": f"event_{self.events:09}", "event": name, "created_at": at, "data": {"created_at": "2026-01-01T00:00:00Z", "updated_at": at, **data}}
        return self.make("select workos.apply_event(%s)", [json.dumps(event)])

    def membership(self, n, name, user):
        return self.event(f"organization_membership.{name}", id=f"om_{n}_{user.membership}", user_id=f"user_{n}", organization_id=org(n),
            status="active" if user.active else "inactive", role={"slug": "writer" if user.writes else "member"})

    def set_keys(self, trusted):
        if trusted:
            self.make("select 1 from workos_trust_issuer(%s, %s)", [ISSUER, json.dumps({"keys": [self.jwks[k] for k in sorted(trusted)]})])
        else:
            self.make("select 1 from workos_distrust_issuer(%s)", [ISSUER])

    def prepare(self):
        self.event("role.created", slug="member", permissions=[])
        self.event("role.created", slug="writer", permissions=["documents:write"])
        for n in range(USERS):
            self.membership(n, "created", users[n].latest)
        self.set_keys({0})
        self.make("select 1 from workos_configure('newest')", [])

    def run(self):
        try:
            while not stop.wait(self.random.uniform(0, 0.2)):
                self.change()
        except Exception as error:
            say_unasked(f"a change: {error!r}")
            raise

    def change(self):
        kind = self.random.choices(["keys", "membership", "role", "session"], [1, 4, 2, 2])[0]
        # Half of the users are left alone.
        n = self.random.randrange(USERS // 2)
        user = users[n].latest
        if kind == "keys":
            new = frozenset(next(self.rotation))
            with keys.change(new):
                self.set_keys(new)
        elif kind == "session":
            with users[n].change(user._replace(generation=user.generation + 1)):
                self.event("session.revoked", id=f"session_{n}_{user.generation}", user_id=f"user_{n}")
        elif kind == "role":
            new = user._replace(writes=not user.writes)
            if user.active:
                with users[n].change(new):
                    self.membership(n, "updated", new)
        elif user.active:
            new = user._replace(active=False)
            with users[n].change(new):
                self.membership(n, self.random.choice(["updated", "deleted"]), new)
        else:
            # One that was deleted stays deleted, so it is a new one.
            new = user._replace(active=True, membership=user.membership + 1)
            with users[n].change(new):
                self.membership(n, "created", new)
        counts[f"change of {kind}"] += 1


# Servers


def run(*command, check=True, environment=(), **more):
    """As the user of the server, who finds the libraries of this Postgres."""
    environment = {**os.environ, "LD_LIBRARY_PATH": os.environ["SERVER_LIBRARIES"], **dict(environment)}
    if os.getuid() == 0:
        command = ["runuser", "-u", os.environ["SERVER_USER"], "--", "env", f"LD_LIBRARY_PATH={environment['LD_LIBRARY_PATH']}", *command]
    done = subprocess.run(list(map(str, command)), cwd="/", env=environment, text=True, **{"capture_output": True, **more})
    if check and done.returncode:
        raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")
    return done


class Server:
    """The primary. Its sockets are in the folder that the link `current` names."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def pg_ctl(self, *arguments):
        return run(f"{BIN}/pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-w", *arguments)

    def start(self):
        # Processes of a killed server may still be there.
        for _ in range(100):
            try:
                return self.pg_ctl("start")
            except RuntimeError:
                time.sleep(0.1)
        raise RuntimeError("the server does not start")

    def ask(self, query, parameters=None, database=DATABASE):
        with psycopg.connect(host=str(self.folder), port=5432, dbname=database, user="postgres", autocommit=True) as connection:
            return connection.execute(query, parameters).fetchall()

    def backends(self):
        return [pid for pid, in self.ask("select pid from pg_stat_activity where usename in ('gateway', 'app') and backend_type = 'client backend'")]


server = Server(os.environ["SERVER"])


def point_to(folder):
    link = WORK / "next"
    link.symlink_to(folder)
    link.rename(WORK / "current")


class PgBouncer:
    """In transaction mode: four connections for each role."""

    folder = WORK / "pool"
    # One session of a client is a session of the server.
    by_session = False

    def __init__(self):
        self.version = subprocess.run([POOLER, "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
        self.prepares = tuple(map(int, self.version.split()[1].split(".")[:2])) >= (1, 21)

    def write(self, name, text):
        (self.folder / name).write_text("\n".join(line.strip() for line in text.splitlines()) + "\n")

    def configure(self):
        self.write("users", "\n".join(f'"{name}" ""' for name in ("gateway", "app", "postgres")))
        self.write("pgbouncer.ini", f"""
            [databases]
            {DATABASE} = host={WORK}/current port=5432
            [pgbouncer]
            unix_socket_dir = {self.folder}
            listen_addr =
            listen_port = 6432
            auth_type = trust
            auth_file = {self.folder}/users
            admin_users = postgres
            pool_mode = transaction
            default_pool_size = 4
            max_client_conn = 500
            server_login_retry = 1
            query_wait_timeout = 120
            logfile = {self.folder}/log
            pidfile = {self.folder}/pid
            ignore_startup_parameters = extra_float_digits
            {'max_prepared_statements = 100' if self.prepares else ''}""")

    def start(self):
        if not self.folder.exists():
            self.folder.mkdir()
            self.configure()
            if os.getuid() == 0:
                shutil.chown(self.folder, os.environ["SERVER_USER"])
        self.command()
        while not (self.folder / ".s.PGSQL.6432").exists() or not (self.folder / "pid").exists():
            time.sleep(0.02)

    def command(self):
        run(POOLER, "-q", "-d", self.folder / "pgbouncer.ini")

    def stop(self):
        pid = int((self.folder / "pid").read_text().strip("\0\n "))
        # At once
        os.kill(pid, signal.SIGQUIT)
        while os.path.exists(f"/proc/{pid}"):
            time.sleep(0.02)
        for name in ("pid", ".s.PGSQL.6432"):
            (self.folder / name).unlink(missing_ok=True)

    def admin(self, command):
        with psycopg.connect(host=str(self.folder), port=6432, dbname="pgbouncer", user="postgres", autocommit=True, cursor_factory=ClientCursor) as connection:
            cursor = connection.execute(command)
            if cursor.description is None:
                return []
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor.fetchall()]

    def settle(self):
        """Until new transactions pass, and all its connections are new."""
        for role in ("gateway", "app"):
            while True:
                try:
                    with psycopg.connect(host=str(self.folder), port=6432, dbname=DATABASE, user=role, autocommit=True, prepare_threshold=None) as connection:
                        connection.execute("select 1")
                    break
                except psycopg.OperationalError:
                    time.sleep(0.1)
        self.admin(f"reconnect {DATABASE}")
        while any(int(row["close_needed"]) for row in self.admin("show servers") if row["database"] == DATABASE):
            time.sleep(0.05)


class Pgpool(PgBouncer):
    """Pgpool-II: eight clients at a time, whose connections it keeps for the next ones, after ABORT and DISCARD ALL. It takes a server that restarts for lost, so it is used
    without faults only."""

    by_session = prepares = True

    def __init__(self):
        done = run(POOLER, "--version")
        self.version = (done.stdout + done.stderr).split("\n")[0]

    def configure(self):
        self.write("pcp.conf", "")
        self.write("hba", "local all all trust")
        self.write("pgpool.conf", f"""
            backend_clustering_mode = 'raw'
            listen_addresses = ''
            port = 6432
            socket_dir = '{self.folder}'
            pcp_socket_dir = '{self.folder}'
            pcp_listen_addresses = ''
            pcp_port = 6433
            pid_file_name = '{self.folder}/pid'
            logdir = '{self.folder}'
            backend_hostname0 = '{WORK}/current'
            backend_port0 = 5432
            num_init_children = 8
            max_pool = 2
            connection_cache = on
            reset_query_list = 'ABORT; DISCARD ALL'
            pool_passwd = ''""")

    def command(self):
        with open(self.folder / "log", "a") as log:
            run(POOLER, "-f", self.folder / "pgpool.conf", "-a", self.folder / "hba", "-F", self.folder / "pcp.conf", "-D", capture_output=False, stdout=log, stderr=log)


pooler = Pgpool() if "pgpool" in os.path.basename(POOLER) else PgBouncer()
if pooler.by_session:
    FAULTS = "none"


class Breaker:
    """Makes the faults. Each is over when the pooler and the server answer again."""

    def __init__(self):
        self.random = random.Random(SEED + 2)
        self.servers = 0

    def cancel(self):
        with fault("pg_cancel_backend", "57014"):
            server.ask("select pg_cancel_backend(%s)", [self.random.choice(server.backends())])

    def terminate(self):
        with fault("pg_terminate_backend", LOST):
            server.ask("select pg_terminate_backend(%s, 10000)", [self.random.choice(server.backends())])
            pooler.settle()

    def reconnect(self):
        # The pooler opens its connections anew, and no client notices.
        with fault("RECONNECT of the pooler"):
            pooler.admin(f"reconnect {DATABASE}")

    def pause(self):
        # PgBouncer remembers for a second that it gave up a connection that it was just opening.
        with fault("PAUSE and RESUME of the pooler", LOST):
            pooler.admin(f"pause {DATABASE}")
            pooler.admin(f"resume {DATABASE}")
            pooler.settle()

    def restart_pooler(self):
        with fault("restart of the pooler", LOST):
            pooler.stop()
            pooler.start()
            pooler.settle()

    def kill_backend(self):
        with fault("kill -9 of a backend", LOST):
            before = server.ask("select pg_postmaster_start_time()")
            pid = self.random.choice(server.backends())
            os.kill(pid, signal.SIGKILL)
            # Until the postmaster has noticed, it accepts connections.
            while os.path.exists(f"/proc/{pid}"):
                time.sleep(0.01)
            self.until_answers()
            assert before == server.ask("select pg_postmaster_start_time()")
            pooler.settle()

    def immediate_shutdown(self):
        with fault("immediate shutdown and recovery", LOST):
            server.pg_ctl("-m", "immediate", "stop")
            server.start()
            pooler.settle()

    def restart(self):
        with fault("restart of the server", LOST):
            server.pg_ctl("-m", "fast", "stop")
            server.start()
            pooler.settle()

    def kill_server(self):
        with fault("kill -9 of the server", LOST):
            os.kill(int((server.folder / "data/postmaster.pid").read_text().split()[0]), signal.SIGKILL)
            server.start()
            pooler.settle()

    def failover(self):
        """A standby takes over. All that was committed is on it, so that what is right is known."""
        global server
        self.servers += 1
        folder = WORK / f"standby_{self.servers}"
        folder.mkdir()
        if os.getuid() == 0:
            shutil.chown(folder, os.environ["SERVER_USER"])
        run(f"{BIN}/pg_basebackup", "-h", server.folder, "-U", "postgres", "-D", folder / "data", "-R", "-X", "stream", "-c", "fast")
        standby = Server(folder)
        standby.pg_ctl("-o", f"-c unix_socket_directories={folder}", "start")
        while not server.ask("select from pg_stat_replication where state = 'streaming'"):
            time.sleep(0.05)
        # In use for a moment: sessions sign in on it, too.
        self.on_standby(standby)
        with fault("failover to a standby", LOST):
            server.pg_ctl("-m", "fast", "stop")
            control = run(f"{BIN}/pg_controldata", "-D", server.folder / "data", environment={"LC_ALL": "C"}).stdout
            last = next(line.split()[-1] for line in control.splitlines() if line.startswith("Latest checkpoint location"))
            while standby.ask("select pg_last_wal_replay_lsn() < %s", [last])[0][0]:
                time.sleep(0.02)
            standby.pg_ctl("promote")
            # Where it will be started again
            with open(folder / "data/postgresql.auto.conf", "a") as settings:
                settings.write(f"unix_socket_directories = '{folder}'\n")
            old, server = server, standby
            point_to(folder)
            pooler.settle()
        shutil.rmtree(old.folder / "data")

    def on_standby(self, standby):
        # Users whom nothing changes, with claims: on a standby a change arrives later.
        with psycopg.connect(host=str(standby.folder), port=5432, dbname=DATABASE, user="gateway", autocommit=True) as connection:
            for _ in range(20):
                n = self.random.randrange(USERS // 2, USERS)
                with connection.transaction():
                    connection.execute("select set_config('role', 'authenticated', true), set_config('request.jwt.claims', %s, true)", [json.dumps(session(n, 0))])
                    check("on a standby", connection.execute("select * from who").fetchone(), {answer(n, users[n].latest.writes), NOBODY})
        counts["transactions on a standby"] += 20

    def until_answers(self):
        while True:
            try:
                return server.ask("select 1")
            except psycopg.OperationalError:
                time.sleep(0.05)


# Memory: that of each backend, without what it shares


def resident(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) for line in status if line.startswith("RssAnon")), None)
    except (FileNotFoundError, ProcessLookupError):
        return None


class Monitor(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.samples = collections.defaultdict(list)
        self.phase = ""

    def run(self):
        before, at = 0, time.time()
        every = 1 if sys.stdout.isatty() else 10
        for second in itertools.count(1):
            if stop.wait(1):
                return
            with contextlib.suppress(psycopg.Error):
                for pid in server.backends():
                    if memory := resident(pid):
                        self.samples[pid].append(memory)
            if second % every == 0:
                done, now = transactions(), time.time()
                print(f"{int(now - START):5} s  {self.phase}: {done:8} transactions, {(done - before) / (now - at):6.0f} a second, {len(identities)} identities, "
                    f"{sum(asked.values())} errors asked for, {sum(fault_counts.values())} faults, {max((s[-1] for s in self.samples.values()), default=0) // 1024} MB a backend, "
                    f"wrong: {len(wrong)}, unasked: {len(unasked)}", flush=True)
                before, at = done, now

    def growth(self):
        """Of the backend that grew most, in kB, from the second quarter of its life to the last."""
        grown = [min(s[-len(s) // 4:]) - max(s[len(s) // 4:len(s) // 2]) for s in self.samples.values() if len(s) >= 60]
        return max(grown, default=None)


def transactions():
    return sum(n for name, n in counts.items() if not name.startswith("change of"))


def can_fail():
    """A wrong answer, an unasked error and a leak between transactions are noticed."""
    client = Client("gateway", False, "extended", 1)
    client.connection = client.connect()
    client.execute("begin")
    client.sign_in(USERS - 1, 0)
    client.check("on purpose", client.who(), USERS - 2, 0, None, time.time())
    client.execute("commit")
    client.execute("select set_config('request.jwt.claims', %s, false)", [json.dumps(session(USERS - 1, 0))])
    client.nobody()
    try:
        client.execute("select 1 / 0")
    except psycopg.Error as error:
        assert not explained(error, time.time())
    assert len(wrong) == 2, wrong
    wrong.clear()
    client.connection.close()


def logs():
    """Every log of a server and of the pooler."""
    for path in [WORK / "pool/log", *WORK.glob("*/log")]:
        yield path, path.read_text(errors="replace")


def main():
    print(f"SEED={SEED}, {SECONDS:.0f} seconds, {pooler.version}", flush=True)
    point_to(server.folder)
    director = Director()
    director.prepare()
    pooler.start()
    with contextlib.redirect_stdout(open(os.devnull, "w")):
        can_fail()
    protocols = ["simple", "extended"] + (["prepared"] if pooler.prepares else [])
    # Who puts tokens into the text of statements has them in the log.
    clients = [Client("gateway", True, protocols[i % len(protocols)], SEED + 100 + i) for i in range(16)]
    clients += [Client("app", True, protocols[1:][i % len(protocols[1:])], SEED + 150 + i) for i in range(8)]
    clients += [Client(role, False, "prepared", SEED + 200 + i) for i, role in enumerate(["gateway", "app"] * 2)]
    monitor = Monitor()
    breaker = Breaker()
    calm = SECONDS if FAULTS == "none" else SECONDS / 2
    for thread in [*clients, director, monitor]:
        thread.start()

    monitor.phase = "no faults"
    end = time.time() + calm
    began = time.time()
    while time.time() < (end if pooler.by_session else end - calm / 3) and not stop.is_set():
        breaker.cancel()
        stop.wait(breaker.random.uniform(0, 2))
    growth = monitor.growth()
    while time.time() < end and not stop.is_set() and not pooler.by_session:
        breaker.random.choice([breaker.reconnect, breaker.pause])()
        stop.wait(breaker.random.uniform(0, 2))
    calm_transactions, calm_seconds = transactions(), time.time() - began

    monitor.phase = "faults"
    light = [breaker.cancel, breaker.terminate, breaker.restart_pooler]
    heavy = [breaker.kill_backend, breaker.immediate_shutdown, breaker.failover, breaker.restart, breaker.kill_server]
    if FAULTS != "none":
        end = time.time() + SECONDS / 2
        turn = itertools.cycle(heavy)
        # Each at least once, however short the run is
        for number in itertools.count():
            if stop.is_set() or number >= len(heavy) and time.time() >= end:
                break
            next(turn)()
            for _ in range(1 if SECONDS < 120 else 5):
                breaker.random.choice(light)()
                stop.wait(breaker.random.uniform(0, 0.5))
    stop.set()
    for thread in [*clients, director]:
        thread.join(60)
    hanging = [thread for thread in clients if thread.is_alive()]

    problems = len(wrong) + len(unasked)
    lines = [f"transactions: {transactions()} in {time.time() - START:.0f} s, {calm_transactions / calm_seconds:.0f} a second before the faults; {len(identities)} identities over "
        f"eight pooled and four direct connections"]
    lines += [f"  {name}: {n}" for name, n in sorted(counts.items())]
    lines += ["errors that were asked for:"] + [f"  {name}: {n}" for name, n in sorted(asked.items())]
    lines += ["faults:"] + [f"  {name}: {n}" for name, n in sorted(fault_counts.items())]
    if hanging:
        problems += 1
        lines.append(f"PROBLEM: {len(hanging)} clients hang")
    bad = server.ask("select count(*) from notes where org_id <> 'org_' || (substr(author_id, 6)::int %% %s)", [ORGS])[0][0]
    lines.append(f"notes that were written: {server.ask('select count(*) from notes')[0][0]}, of them in an organization of somebody else: {bad}")
    problems += bool(bad)
    crashes = secrets = 0
    for path, text in logs():
        secrets += text.count(SECRET) + sum(text.count(t.split(".")[2]) for t in list(tokens.values())[:200])
        crashes += sum(1 for line in text.splitlines() if "was terminated by signal" in line and "signal 9" not in line or "TRAP:" in line or "PANIC" in line)
    lines.append(f"in the logs: {secrets} claims or tokens, {crashes} crashes of a backend")
    problems += bool(secrets) + bool(crashes)
    if growth is None:
        lines.append("not run: the comparison of memory, for which the run was too short")
    else:
        lines.append(f"the backend that grew most before the faults has {growth} kB more in the last quarter of its life than in the second")
        if growth > 1024:
            problems += 1
            lines.append("PROBLEM: memory grows")
    if not pooler.prepares:
        lines.append(f"not run: statements that clients of the pooler prepare, for which this {pooler.version} is too old")
    if FAULTS == "none":
        lines.append("not run: faults" + (", with this pooler" if pooler.by_session else ""))
    lines.append(f"wrong answers: {len(wrong)}, errors that nothing explains: {len(unasked)}")
    print("\n".join(lines), flush=True)
    if "SKIPPED" in os.environ:
        with open(os.environ["SKIPPED"], "a") as skipped:
            skipped.writelines(line.removeprefix("not run: ") + "\n" for line in lines if line.startswith("not run: "))
    pooler.stop()
    server.pg_ctl("-m", "immediate", "stop")
    return 1 if problems else 0


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
# Shells start what runs in the background with SIGQUIT ignored, and PgBouncer would inherit that.
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
try:
    code = main()
finally:
    if pooler.folder.exists() and (pooler.folder / "pid").exists():
        pooler.stop()
    if (server.folder / "data/postmaster.pid").exists():
        with contextlib.suppress(Exception):
            server.pg_ctl("-m", "immediate", "stop")
sys.exit(code)
