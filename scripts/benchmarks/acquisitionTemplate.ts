import type { JsonObject } from "../../src/domain/Json.ts"
import type { TemplateFiles } from "./workplace.ts"

/** What a run's template of a microscopy lab looks like: a dozen files, texts and copies, in four folders. */
export const runManifest = `name: acquisition
version: "1.0"
type: run
run_scope: both
description: Time-lapse acquisition
questions:
  sample_type: { type: choice, options: [Fixed tissue, Live cell], required: true }
  objective_lens: { type: string, required: true, pattern: "^[0-9]+x$" }
  interval_s: { type: integer, default: 30 }
  positions: { type: integer, default: 8 }
readme:
  body: README.body.md.hbs
`

export const projectManifest = `name: study
version: "1.0"
type: project
`

export const answers: JsonObject = { sample_type: "Live cell", objective_lens: "63x" }

const protocol = `# {{label}}

{{operator}} at {{equipment_label}}, {{run_date}}

{{#if (eq sample_type "Live cell")}}
- Incubation on an hour before the first position.
- Interval {{interval_s}} s, {{positions}} positions.
{{else}}
- Fixed: no incubation.
{{/if}}

{{objective}}
`

const settings = `{
  "run": {{json run_name}},
  "objective_lens": {{json objective_lens}},
  "interval_s": {{interval_s}},
  "positions": {{positions}},
  "operator": {{json operator}}
}
`

const samples = `position,well,sample_type,comment
1,A01,{{sample_type}},
2,A02,{{sample_type}},
3,A03,{{sample_type}},
`

const macro = `// run("Bio-Formats Importer") over every position of {{run_name}}
interval = {{interval_s}};
positions = {{positions}};
`

const checklist = "- [ ] laser warm\n- [ ] stage homed\n- [ ] focus locked\n"

export const projectFiles: TemplateFiles = { "notes.md.hbs": "# {{label}}\n\n{{objective}}\n" }

export const runFiles: TemplateFiles = {
  "README.body.md.hbs": "## Notes\n\n{{objective}}\n",
  "protocol.md.hbs": protocol,
  "acquisition/settings.json.hbs": settings,
  "acquisition/positions.csv.hbs": samples,
  "acquisition/{{objective_lens}}.txt.hbs": "{{objective_lens}} on {{equipment_label}}\n",
  "acquisition/calibration.bin": Buffer.alloc(64 * 1024, 7),
  "analysis/import.ijm.hbs": macro,
  "analysis/report.tex.hbs": "\\title{ {{label}} }\n\\author{ {{operator}} }\n",
  "analysis/thresholds.json": '{"low": 120, "high": 4095}\n',
  "checklists/before.md": checklist,
  "checklists/after.md": checklist,
  "raw/KEEP.txt": "What the instrument writes goes here.\n",
  "raw/layout.xml": `<plate rows="8" columns="12"/>\n`,
}
