#!/usr/bin/env bash
# What verified tokens cost, on this machine: bench/tokens.sh
source "$(dirname "$0")/../scripts/postgres.sh"
start_server
mkdir "$WORK/keys"
KEYS=$WORK/keys
source examples/direct-connections/mint.sh
KEYS=$KEYS tests/native/tokens/mint.sh >"$WORK/minted.sql"
psql -Xq -v ON_ERROR_STOP=1 <<-SQL >/dev/null
	alter database postgres set workos.claims_source = token;
	create schema tap;
	create extension pg_workos;
	\i $WORK/minted.sql
	select workos_trust_issuer('$ISSUER', jwks) from tap.key_set where name = 'ours';
	create table pool as select row_number() over () as n, token from tap.minted where name like 'pool %';
	create unique index on pool (n);
	create table large (token text);
SQL
SIGNER=ours
for n in $(seq 20); do token "user_large_$n" "\"x\":\"$(printf 'x%.0s' {1..11600})\","; echo; done | psql -Xq -c '\copy large from stdin'
psql -XAtq -v ON_ERROR_STOP=1 <<-'SQL'
	select 'length of the tokens: ' || max(length(token)) || ' bytes' from pool;
	create function took(calls int, about text, statement text) returns text language plpgsql as $$
	declare
		best float := 'infinity';
		start timestamptz;
	begin
		for i in 1..5 loop
			start := clock_timestamp();
			execute statement;
			best := least(best, extract(epoch from clock_timestamp() - start) * 1e6 / calls);
		end loop;
		return about || ': ' || round(best::numeric, 2) || ' µs';
	end $$;
	select took(300, 'a token seen for the first time, its row read included', 'select count(workos_authenticate(token)) from pool');
	select took(300, 'the row alone', 'select count(length(token)) from pool');
	select took(100000, 'a token seen before, authenticated', 'select count(workos_authenticate(token)) from (select token, g from pool, generate_series(1, 100000) g where n = 1) t');
	begin;
	select 'signed in: ' || workos_authenticate(token) from pool where n = 1;
	select took(1000000, 'workos_user_id() with a token set', 'select count(workos_user_id()) from generate_series(1, 1000000)');
	select took(1000000, 'counting alone', 'select count(g) from generate_series(1, 1000000) g');
	commit;
SQL
say "memory: the cache at its bound, 16 tokens of 16 KiB with their claims as jsonb"
psql -XAtq -v ON_ERROR_STOP=1 <<-'SQL'
	create function resident() returns int language sql as $$ select substring(pg_read_file('/proc/self/status') from 'VmRSS:\s+(\d+)')::int $$;
	select count(token), resident(), resident() from large \g /dev/null
	select count(workos_verify(token)), count(workos_claims()) from (select token from pool limit 1) t \g /dev/null
	select resident() as before \gset
	select count(workos_verify(token)) from large \g /dev/null
	select 'resident memory: from ' || :before || ' to ' || resident() || ' kB';
SQL
printf '\\set n random(1, 300)\nbegin;\nselect token from pool where n = :n;\nselect 1;\ncommit;\n' >"$WORK/without.sql"
printf '\\set n random(1, 300)\nbegin;\nselect workos_authenticate(token) from pool where n = :n;\nselect workos_user_id();\ncommit;\n' >"$WORK/with.sql"
say "a transaction over pgbench, without and with an authentication"
for script in without with without with without with; do
	printf 'a transaction %s authentication: ' "$script"
	pgbench -n -M prepared -c 1 -T 5 -f "$WORK/$script.sql" | sed -n 's/^latency average = //p'
done

say "a verification without Postgres, with either of jsonwebtoken's cryptographies"
for cryptography in aws_lc_rs rust_crypto; do
	cargo build --quiet --locked --release --features $cryptography --manifest-path bench/verify/Cargo.toml --target-dir "target/bench/$cryptography"
	echo "$cryptography:"
	"target/bench/$cryptography/release/verify-bench" "$ISSUER" "{\"keys\":[$(jwk ours ours)]}" "$(token user_01)"
done
