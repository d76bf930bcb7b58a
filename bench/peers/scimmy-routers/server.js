// SPDX-License-Identifier: Apache-2.0
//
// server.js PORT: scimmy-routers on express, with resources in a Map.
//
// Handlers are what the documentation asks for: ingress, egress, degress.  Of
// versions the package knows nothing: no If-Match is looked at.
import { randomUUID } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

function keep(type) {
	const kept = new Map();

	const find = (id) => {
		const found = kept.get(id);
		if (found === undefined)
			throw new SCIMMY.Types.Error(404, null, `${id} not found`);
		return found;
	};
	const write = (resource, data) => {
		const old = resource.id ? find(resource.id) : undefined;
		const now = new Date();
		const written = {
			...JSON.parse(JSON.stringify(data)),
			id: old?.id ?? randomUUID(),
			meta: { created: old?.meta.created ?? now, lastModified: now },
		};
		kept.set(written.id, written);
		return written;
	};
	const read = (resource) => {
		if (resource.id)
			return find(resource.id);
		const all = [...kept.values()];
		return resource.filter ? resource.filter.match(all) : all;
	};
	SCIMMY.Resources.declare(type)
		.ingress(write)
		.egress(read)
		.degress((resource) => kept.delete(find(resource.id).id));
}

keep(SCIMMY.Resources.User);
keep(SCIMMY.Resources.Group);

const app = express();
app.use("/scim/v2", new SCIMMYRouters({
	type: "bearer",
	handler: (request) => {
		if (!request.header("Authorization")?.startsWith("Bearer "))
			throw new Error("no token");
		return "bench";
	},
}));
app.listen(Number(process.argv[2]), "127.0.0.1");
