// PostGraphile 4 as an application runs it: the token of the request is verified, and its claims become the settings of the transaction.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { pgSettings } from "./settings.mjs";

const handler = postgraphile({ user: "authenticator", database: process.env.PGDATABASE, host: process.env.PGHOST }, ["public"], {
	pgSettings,
	graphileBuildOptions: {},
	retryOnInitFail: false,
	disableQueryLog: true,
	ignoreRBAC: true,
});
const server = createServer(handler);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
