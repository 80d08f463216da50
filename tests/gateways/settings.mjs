// Verifies the access token of a request with the keys of the file in KEYS, and returns the settings of its transaction.
import { readFileSync } from "node:fs";
import { createLocalJWKSet, jwtVerify } from "jose";

const keys = createLocalJWKSet(JSON.parse(readFileSync(process.env.KEYS)));

export async function pgSettings(request) {
	const token = request.headers.authorization?.replace(/^Bearer /, "");
	if (!token) {
		return { role: "anon", "request.jwt.claims": "" };
	}
	const { payload } = await jwtVerify(token, keys, { issuer: process.env.ISSUER, algorithms: ["RS256"] });
	return { role: "authenticated", "request.jwt.claims": JSON.stringify(payload) };
}
