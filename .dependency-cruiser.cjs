/**
 * Which way the arrows point: layers → src, and inside src controller → ports → domain, audit → ports → domain,
 * api → domain.
 * Types count as much as values: a port that needs an adapter's type is the wrong way round, too.
 */
const only = (name, from, to, comment) => ({
  name,
  severity: "error",
  comment,
  from: { path: from },
  to: { path: "^(src|layers|test|scripts)/", pathNot: to },
})

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "resolvable",
      severity: "error",
      // Fixtures are put together when they are used.
      from: { pathNot: "^test/fixtures/" },
      to: { couldNotResolve: true },
    },
    only(
      "domain-is-plain",
      "^src/domain/",
      "^src/domain/",
      "domain: data and pure functions, nothing above it",
    ),
    only("ports-see-domain", "^src/ports/", "^src/(ports|domain)/", "ports: interfaces over the domain"),
    only(
      "controller-sees-ports",
      "^src/controller/",
      "^src/(controller|ports|domain)/",
      "controller: works through ports only",
    ),
    only(
      "audit-sees-ports",
      "^src/audit/",
      "^src/(audit|ports|domain)/",
      "audit: what is wrong with published directories, through ports only",
    ),
    only("api-sees-domain", "^src/api/", "^src/(api|domain)/", "api: a client must not drag the service in"),
    only(
      "client-sees-api",
      "^src/(client/|Client\\.ts$)",
      "^src/(client|api|domain)/",
      "client: the contract and its data, nothing of the service",
    ),
    only("src-stays-inside", "^src/", "^src/", "src: what the service is, not how it is done"),
    only("layers-see-src", "^layers/", "^(src|layers)/", "layers: adapters for the ports of src"),
    only("scripts-see-the-service", "^scripts/", "^(src|layers|scripts)/", "scripts: never the tests"),
    {
      name: "src-has-no-node",
      severity: "error",
      comment: "src runs wherever Effect runs",
      from: { path: "^src/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "src-has-two-libraries",
      severity: "error",
      comment: "src imports effect and @effect/platform, nothing else",
      from: { path: "^src/" },
      to: {
        dependencyTypes: ["npm", "npm-dev", "npm-peer", "npm-optional", "npm-no-pkg", "npm-unknown"],
        pathNot: "node_modules/(effect|@effect/platform)/",
      },
    },
    {
      name: "doors",
      severity: "error",
      comment:
        "src/index.ts, src/Client.ts, layers/index.ts and layers/Testing.ts are for those who embed the service",
      from: { path: "^(src|layers)/" },
      to: { path: "^(src|layers)/index\\.ts$|^src/Client\\.ts$" },
    },
    {
      name: "no-development-tools",
      severity: "error",
      comment: "what is published may not need what only we have installed",
      from: { path: "^(src|layers)/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm-peer", "npm"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "default"],
      extensions: [".ts", ".js", ".mjs", ".cjs"],
    },
    cache: { folder: "node_modules/.cache/dependency-cruiser", strategy: "content" },
  },
}
