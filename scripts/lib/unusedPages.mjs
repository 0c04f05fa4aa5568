/**
 * Pages that show an API to people, as texts of three megabytes: nobody asks for them here, but bundlers can't know.
 * @type {import("esbuild").Plugin}
 */
export const unusedPages = {
  name: "unused-pages",
  setup: ({ onLoad }) =>
    onLoad(
      { filter: /[\\/]@effect[\\/]platform[\\/].*[\\/]internal[\\/]httpApi(?:Scalar|Swagger)\.js$/ },
      () => ({
        contents: 'export const css = "", javascript = ""',
        loader: "js",
      }),
    ),
}
