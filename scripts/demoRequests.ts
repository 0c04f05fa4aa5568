import type { ProjectCreateRequest, RunCreateRequest } from "../src/domain/CreateRequest.ts"

const common = { equipmentId: "DEMO_01", operator: "asmith" } as const

/** A project as a microscopy lab would open it. */
export const imagingProject = (shortId: string): ProjectCreateRequest => ({
  ...common,
  templatePath: "imaging_project",
  limsProject: {
    uid: `demo-${shortId.toLowerCase()}`,
    shortId,
    nameAtCreation: "Mitochondria in motion",
    source: "offline_catalogue",
  },
  label: "Mitochondria in motion",
  objective: "Follow single mitochondria through a cell cycle, and see where they are when they divide",
  variables: {
    principal_investigator: "Dr. R. Levi",
    imaging_kind: "Live cells",
    species: "Cell lines only",
    biosafety_level: "1",
    retention_years: 10,
    expected_volume_tb: 2.5,
    funding: "ERC 864121",
  },
  readmeExtra: { "Cell line": "HeLa, ATCC CCL-2", Room: "B2.114" },
})

/** A time lapse of living cells. */
export const confocalRun = (projectShortId: string): RunCreateRequest => ({
  ...common,
  projectShortId,
  runKind: "experimental",
  templatePath: "confocal_run",
  label: "Time lapse, cells 1–4",
  objective: "Catch one division in each of four cells",
  variables: {
    sample_id: "HELA-0173",
    sample_type: "Live cell",
    objective_lens: "63x/1.4 oil",
    pixel_size_um: 0.085,
    z_slices: 12,
    z_step_um: 0.35,
    channel_1: "GFP",
    channel_2: "SiR",
    time_points: 240,
    interval_s: 20,
    temperature_c: 37,
    co2_percent: 5,
    remarks: "Medium changed at 9:40.\nDrift correction: on.",
  },
})

/** The same template, to see whether the instrument is in order. */
export const controlRun = (projectShortId: string): RunCreateRequest => ({
  ...common,
  projectShortId,
  runKind: "test",
  templatePath: "confocal_run",
  label: "Beads before the time lapse",
  objective: "Point spread function of the 63x with 100 nm beads",
  variables: {
    sample_id: "TETRASPECK-100",
    sample_type: "Other",
    sample_other: "Fluorescent beads, 100 nm",
    test_purpose: "Point spread function",
    z_slices: 40,
    z_step_um: 0.1,
    channel_1: "Alexa 488",
  },
})

/** A plate in a reader. What only the plate itself tells is asked later. */
export const plateReaderRun = (projectShortId: string): RunCreateRequest => ({
  ...common,
  projectShortId,
  runKind: "experimental",
  templatePath: "plate_reader_run",
  label: "IL-6 in supernatants, plate 1",
  objective: "Concentration of IL-6 after 24 h of stimulation",
  variables: { assay: "IL-6 ELISA", wavelength_nm: 450, reads: 2 },
})
