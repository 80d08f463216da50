# Makes docs/performance.md (on standard output) and the chart out of the results of bench/run.sh.
BEGIN {
	n = split(sizes, size, " ")
	picture = svg; sub(/.*\//, "", picture)
	for (i = 1; i <= n; i++) {
		while ((getline line < (dir "/" size[i])) > 0) {
			split(line, f, "\t")
			if (!(f[1] in seen_shape)) { seen_shape[f[1]]; shape[++shapes] = f[1] }
			if (!(f[2] in seen_way)) { seen_way[f[2]]; way[++ways] = f[2] }
			ms[size[i], f[1], f[2]] = f[3]; least[size[i], f[1], f[2]] = f[4]; most[size[i], f[1], f[2]] = f[5]; ratio[size[i], f[1], f[2]] = f[6] " (" f[7] "–" f[8] ")"
		}
	}
	# the largest on which every way was tried
	for (i = 1; i <= n; i++) if ((size[i], shape[2], way[ways]) in ratio) largest = size[i]
	print "# Performance\n"
	print "What a policy costs, compared with the same policy with a hard-coded literal, on " about ". All of this page comes from one run of\n"
	print "```sh\n" command "\n```\n"
	print "The ways took turns, " rounds " each, more on small tables and, for those that cost many times a literal, fewer or none on large ones; the numbers are medians, in brackets the smallest and the largest run.\n"
	print "- literal: `org_id = 'org_7'` in the policy"
	print "- pg_workos: the call as one writes it, `org_id = workos_org_id()`"
	print "- (select …) by hand: the call in a scalar sub-select"
	print "- plan_once off: the call as Postgres by itself evaluates it"
	print "- plpgsql helper: a function that reads the claims with `json ->>`"
	print "- auth.jwt(): Supabase's function, in the policy itself or in a sub-select\n"
	print "![Cost of a policy, as a multiple of a literal](" picture ")\n"
	for (i = n; i >= 1; i--) {
		print "## " size[i] " rows, ratio to a literal\n"
		header = "| policy | literal, ms |"; rule = "|---|---|"
		for (w = 2; w <= ways; w++) { header = header " " way[w] " |"; rule = rule "---|" }
		print header; print rule
		for (s = 1; s <= shapes; s++) {
			row = "| " shape[s] " | " cell(size[i], shape[s], way[1]) " |"
			for (w = 2; w <= ways; w++) row = row " " times(size[i], shape[s], way[w]) " |"
			print row
		}
		print ""
	}
	print "## Single statements\n"
	print "The best of five times 2000 turns, in plpgsql.\n\n| | microseconds |\n|---|---|"
	while ((getline line < (dir "/single")) > 0) { split(line, f, "\t"); print "| " f[1] " | " f[2] " |" }
	print "\n## Point reads by primary key, with pgbench\n"
	print "As a user: two clients, each transaction sets role and claims. Without row security: one client, one statement. The middle of " rounds " runs in turns, in brackets the least and the most.\n"
	print "| | latency, microseconds | transactions a second |\n|---|---|---|"
	while ((getline line < (dir "/points")) > 0) { split(line, f, "\t"); if (!(f[1] in turns)) name[++names] = f[1]; k = ++turns[f[1]]; latency[f[1], k] = f[2]; tps[f[1], k] = f[3] }
	for (i = 1; i <= names; i++) print "| " substr(name[i], 3) " | " middle(latency, name[i]) " | " middle(tps, name[i]) " |"
	print "\n## How it is done, and where it loses\n"
	while ((getline line < "bench/notes.md") > 0) print line
	chart()
}
function cell(z, s, w) { return ms[z, s, w] " (" least[z, s, w] "–" most[z, s, w] ")" }
function times(z, s, w) { return (z, s, w) in ratio ? ratio[z, s, w] : "" }
function middle(values, name, a, i, j, t, n) {
	n = turns[name]
	for (i = 1; i <= n; i++) { t = values[name, i] + 0; for (j = i; j > 1 && a[j - 1] > t; j--) a[j] = a[j - 1]; a[j] = t }
	return a[int((n + 1) / 2)] " (" a[1] "–" a[n] ")"
}
# Bars on a logarithmic scale from 0.5 to 200 times.
function x(r) { r = r < 0.5 ? 0.5 : r > 200 ? 200 : r; return 250 + 520 * log(r / 0.5) / log(400) }
function chart(s, w, y, c, colour, height) {
	split("x #1a7f5a #86c5ab #d9a441 #9db4d0 #b08fc7 #c2554d", colour, " ")
	height = 70; for (s = 1; s <= shapes; s++) { height += 14; for (w = 2; w <= ways; w++) if ((largest, shape[s], way[w]) in ratio) height += 11 }
	print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 830 " height "\" font-family=\"sans-serif\" font-size=\"11\">" > svg
	print "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/><text x=\"10\" y=\"18\" font-size=\"14\">Cost of a policy on " largest " rows, as a multiple of a hard-coded literal</text>" > svg
	c = 10; for (w = 2; w <= ways; w++) { print "<rect x=\"" c "\" y=\"28\" width=\"9\" height=\"9\" fill=\"" colour[w] "\"/><text x=\"" c + 13 "\" y=\"36\" font-size=\"9\">" way[w] "</text>" > svg; c += 30 + 5 * length(way[w]) }
	for (c = 1; c <= 100; c *= 10) print "<path d=\"M" x(c) " 46V" height - 18 "\" stroke=\"#bbb\"/><text x=\"" x(c) "\" y=\"" height - 6 "\" text-anchor=\"middle\">" c "×</text>" > svg
	y = 50
	for (s = 1; s <= shapes; s++) {
		print "<text x=\"240\" y=\"" y + 10 "\" text-anchor=\"end\">" shape[s] "</text>" > svg
		for (w = 2; w <= ways; w++) if ((largest, shape[s], way[w]) in ratio) {
			r = ratio[largest, shape[s], way[w]] + 0
			print "<rect x=\"" x(0.5) "\" y=\"" y + 2 "\" width=\"" x(r) - x(0.5) "\" height=\"9\" fill=\"" colour[w] "\"/><text x=\"" x(r) + 3 "\" y=\"" y + 10 "\" font-size=\"8\">" r "</text>" > svg
			y += 11
		}
		y += 14
	}
	print "</svg>" > svg
}
