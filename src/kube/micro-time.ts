/** RFC 3339 with six digits: the API server refuses three. */
export const microTime = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace('Z', '000Z');
