import type { SettingsProblem } from "./SettingsProblem.ts"

/** What exports say of the data besides what is on record. */
export interface ExportSettings {
  /** An SPDX identifier (https://spdx.org/licenses/) or the URL of a licence; null: none was chosen. */
  readonly license: string | null
  /** Whose the data are; null: nobody is named. */
  readonly organization: string | null
}

const maxLength = 500

const isIdentifier = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9.+-]{0,99}$/.test(text)

const isUrl = (text: string): boolean => /^https?:\/\/[^\s<>"{}|\\^`]+$/i.test(text) && URL.canParse(text)

/** Everything that is wrong with them. */
export const exportProblems = ({ license, organization }: ExportSettings): ReadonlyArray<SettingsProblem> => [
  ...(license === null || (license.length <= maxLength && (isIdentifier(license) || isUrl(license)))
    ? []
    : [
        {
          key: ["export", "license"],
          message: "must be an SPDX identifier such as CC-BY-4.0, or the URL of a licence",
        },
      ]),
  ...(organization === null || /^\S(?:[^\p{Cc}]{0,198}\S)?$/u.test(organization)
    ? []
    : [{ key: ["export", "organization"], message: "must be a name of 1–200 characters on one line" }]),
]
