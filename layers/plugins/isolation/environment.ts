import { markVariable } from "../../process/Kin.ts"

/** All that a worker finds in its environment. */
export const workerEnvironment = (
  searchPath: string,
  worker: { readonly tree: string; readonly directory: string; readonly mark: string },
): Readonly<Record<string, string>> => ({
  PATH: searchPath,
  HOME: worker.tree,
  LANG: "C.UTF-8",
  EXLAB_PLUGIN_DIR: worker.directory,
  [markVariable]: worker.mark,
})
