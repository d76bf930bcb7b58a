// SPDX-License-Identifier: Apache-2.0
//
// Answers on stdout, line by line, what is asked on stdin: one JSON object
// each.  What a library throws is an answer, too.  The libraries are in the
// folder that the command line names.

import {createRequire} from "node:module";
import {createInterface} from "node:readline";

const load = createRequire(`${process.argv[2]}/`);
const {filter, parse} = load("scim2-parse-filter");
const {scimPatch} = load("scim-patch");
const SCIMMY = load("scimmy");

const {User, EnterpriseUser} = SCIMMY.Schemas;
const PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const sets = new Map();

User.extend(EnterpriseUser.definition, false);

// SCIMMY refuses what is no canonical value; RFC 7643 section 7 only
// suggests them, so they can be taken away.
function each(attributes, visit) {
  for (const a of attributes) {
    if (a.config !== undefined) visit(a);
    each(a.subAttributes ?? a.attributes ?? [], visit);
  }
}

const canonical = new Map();
each(User.definition.attributes, (a) =>
  canonical.set(a, a.config.canonicalValues));

function enforceCanonical(on) {
  for (const [a, values] of canonical)
    a.config.canonicalValues = on ? values : false;
}

const filters = {
  "scim2-parse-filter": (text, items) => {
    const matches = filter(parse(text));
    return items.map(matches);
  },
  "scimmy": (text, items) => {
    const found = new Set(new SCIMMY.Types.Filter(text).match(items));
    return items.map((item) => found.has(item));
  },
};

const patches = {
  "scim-patch": (resource, operations, options) =>
    scimPatch(resource, operations,
      {mutateDocument: true, treatMissingAsAdd: true, ...options}),
  "scimmy": async (resource, operations, options) => {
    enforceCanonical(options.canonical !== false);
    const user = new User(resource, "both");
    const message = new SCIMMY.Messages.PatchOp(
      {schemas: [PATCH_OP], Operations: operations});
    return await message.apply(user) ?? user;
  },
};

const verbs = {
  load: ({set, items}) => {
    sets.set(set, items);
    return {};
  },
  filter: ({peer, text, set}) =>
    ({hits: filters[peer](text, sets.get(set))
      .flatMap((hit, i) => hit ? [i] : [])}),
  patch: async ({peer, resource, operations, options}) =>
    ({resource: await patches[peer](resource, operations, options ?? {})}),
};

for await (const line of createInterface({input: process.stdin})) {
  let answer;
  try {
    const question = JSON.parse(line);
    answer = await verbs[question.do](question);
  } catch (e) {
    answer = {error: String(e.message ?? e)};
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
