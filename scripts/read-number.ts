/** A whole number above 0 from the environment. Throws at anything else. */
export const readNumber = (name: string, otherwise: number): number => {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`${name}=${text}: give a whole number above 0`);
};
