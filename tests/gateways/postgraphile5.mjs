// PostGraphile 5 as an application runs it: the token of the request is verified, and its claims become the settings of the transaction.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { grafserv } from "postgraphile/grafserv/node";
import { pgSettings } from "./settings.mjs";

// PostGraphile 5 asks for Node.js 22. Of what it uses, Node.js 20 lacks only this.
Promise.withResolvers ??= function () {
	const resolvers = {};
	resolvers.promise = new this((resolve, reject) => Object.assign(resolvers, { resolve, reject }));
	return resolvers;
};

const instance = postgraphile({
	extends: [PostGraphileAmberPreset],
	pgServices: [makePgService({ poolConfig: { user: "authenticator", database: process.env.PGDATABASE, host: process.env.PGHOST }, schemas: ["public"] })],
	grafast: { context: async (request, { contextValue }) => ({ ...contextValue, pgSettings: await pgSettings(request.node.req) }) },
	grafserv: { watch: false },
});
const server = createServer();
server.on("error", (error) => { throw error; });
await instance.createServ(grafserv).addTo(server);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
