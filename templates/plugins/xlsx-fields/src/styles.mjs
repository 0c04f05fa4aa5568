// The styles of a workbook, to which some for dates are added.

/** The short date of whoever looks at it: spreadsheets have it built in. */
const shortDate = 14

const list = /(<cellXfs\b[^>]*>)([\s\S]*?)<\/cellXfs>/

const withAttribute = (tag, name, value) =>
  tag.replace(new RegExp(`\\s${name}="[^"]*"`), "").replace("<xf", `<xf ${name}="${value}"`)

/** Makes a style for dates of another one, once for each. */
export const dateStyles = (xml) => {
  const styles = list.exec(xml)?.[2].match(/<xf\b[^>]*?(?:\/>|>[\s\S]*?<\/xf>)/g) ?? []
  const added = new Map()
  return {
    of(style) {
      const base = styles[style ?? 0]
      if (base === undefined) return style
      if (!added.has(base)) added.set(base, String(styles.length + added.size))
      return added.get(base)
    },
    isUsed: () => added.size > 0,
    xml: () =>
      xml.replace(list, (_, start) => {
        const dates = [...added.keys()].map((style) => {
          const [tag] = /^<xf\b[^>]*>/.exec(style)
          const dated = withAttribute(withAttribute(tag, "numFmtId", shortDate), "applyNumberFormat", 1)
          return style.replace(tag, () => dated)
        })
        const all = [...styles, ...dates]
        return `${start.replace(/\scount="\d+"/, ` count="${all.length}"`)}${all.join("")}</cellXfs>`
      }),
  }
}
