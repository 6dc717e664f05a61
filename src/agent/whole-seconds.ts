/** RFC 3339 in whole seconds, as the report and status have it. */
export const toWholeSeconds = (date: Date): string => date.toISOString().replace(/\.\d+Z$/, 'Z');
