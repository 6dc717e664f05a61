/** Exit codes of the operator's process. */
export const EXIT = {
  ok: 0,
  /** Something that a restart may cure: the lead was lost, an unexpected error. */
  failed: 1,
  /** The settings are wrong: a restart cures nothing. As in sysexits.h. */
  usage: 64,
} as const;

/** The settings of a program are wrong: one sentence that names the setting, its value and what to do. */
export class UsageError extends Error {
  override name = 'UsageError' as const;
}

/** What any thrown value has to say, in one line. */
export const messageOf = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).replaceAll(/\s*\n\s*/g, ' ');
