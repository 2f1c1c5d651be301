import { conflict } from './errors.js'

/** Whether something may be done now, and if not, why: the button shows the reason, the verb throws it. */
export type Verdict = { ok: true } | { ok: false; why: string; hint?: string }

export const yes: Verdict = { ok: true }

export const no = (why: string, hint?: string): Verdict => (hint ? { ok: false, why, hint } : { ok: false, why })

/** For a button; null when it is on. */
export const why = (verdict: Verdict): string | null => (verdict.ok ? null : verdict.why)

/** For a verb. Throws `UserError` 409 with the reason. */
export function refuseUnless(verdict: Verdict): void {
  if (!verdict.ok) throw conflict(verdict.why, verdict.hint)
}
