import type { SqlClient } from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import type { Selection } from "./JobTable.ts"
import { transferStates } from "./states.ts"

/**
 * A selection as SQL. Lists go in as JSON, so that the text of a statement, and with it what SQLite has prepared,
 * is always the same.
 */
export const selection = (sql: SqlClient) => {
  const among = (values: ReadonlyArray<string>): Fragment =>
    sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`

  const condition = (selection: Selection, now: number): Fragment => {
    const free = sql`(holder IS NULL OR lease_until <= ${now})`
    if (selection._tag === "Named") {
      return sql`${free} AND id = ${selection.id} AND state IN ${among(selection.states)}`
    }
    const { except, level = null, perEquipment, states } = selection.wish
    const limited = [...transferStates, ...states]
    return sql`${free} AND state IN ${among(states)}
      AND (not_before IS NULL OR not_before <= ${now} OR put_off_at > ${now})
      AND (${level} IS NULL OR level = ${level})
      AND id NOT IN ${among(selection.tried)}
      AND equipment_id NOT IN ${among(except)}
      AND equipment_id NOT IN (SELECT equipment_id FROM target_pause WHERE since <= ${now} AND until > ${now})
      AND (${perEquipment} IS NULL OR ${perEquipment} > (
        SELECT count(*) FROM job AS other
        WHERE other.equipment_id = job.equipment_id AND other.holder IS NOT NULL
          AND other.lease_until > ${now} AND other.state IN ${among(limited)}))`
  }

  return {
    oldest: (selection: Selection, now: number) =>
      sql`SELECT id FROM job WHERE ${condition(selection, now)} ORDER BY turn LIMIT 1`,
    chosen: (selection: Selection, id: string, now: number) =>
      sql`SELECT * FROM job WHERE ${condition(selection, now)} AND id = ${id}`,
  }
}
