import {parseQuantity, parseThreshold} from '../domain/quantity.ts';
import type {Threshold} from '../domain/settings.ts';
import {type Bytes, GIB} from '../domain/units.ts';

/** One sentence that names the field, its value and what to do. */
export class SpecError extends Error {
  override name = 'SpecError' as const;
}

/** Values of one object of the spec, with its path for the sentences. */
export type Fields = {path: string; values: Record<string, unknown>};

export const MAX_BYTES = 16 * 1024 * GIB;

const refuse = ({path, values}: Fields, name: string, wanted: string): never => {
  throw new SpecError(`${path}.${name} must be ${wanted}, not ${JSON.stringify(values[name])}`);
};

export const readWhole = (fields: Fields, name: string, [least, most]: readonly [number, number]): number => {
  const value = fields.values[name];
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
    ? value
    : refuse(fields, name, `a whole number from ${least} to ${most}`);
};

export const readOptionalBytes = (fields: Fields, name: string, leastBytes: Bytes): Bytes | undefined =>
  fields.values[name] === undefined ? undefined : readBytes(fields, name, [leastBytes, MAX_BYTES]);

export const readBytes = (
  fields: Fields,
  name: string,
  [leastBytes, mostBytes]: readonly [Bytes, Bytes] = [0, MAX_BYTES],
): Bytes => {
  const value = fields.values[name];
  const bytes = typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined;
  return bytes !== undefined && bytes >= leastBytes && bytes <= mostBytes
    ? bytes
    : refuse(fields, name, `a quantity of ${leastBytes} to ${mostBytes} bytes such as 64Mi or 1.5Gi`);
};

export const readThreshold = (fields: Fields, name: string, mostPercent: number): Threshold => {
  const value = fields.values[name];
  const threshold =
    typeof value === 'string' || typeof value === 'number' ? parseThreshold(value) : undefined;
  const fits =
    threshold && ('percent' in threshold ? threshold.percent <= mostPercent : threshold.bytes <= MAX_BYTES);
  return fits
    ? threshold
    : refuse(fields, name, `a quantity such as 2Gi or a percentage from 0% to ${mostPercent}%`);
};

export const readFlag = (fields: Fields, name: string): boolean => {
  const value = fields.values[name];
  return typeof value === 'boolean' ? value : refuse(fields, name, 'true or false');
};

export const readChoice = <Choice extends string>(
  fields: Fields,
  name: string,
  choices: readonly Choice[],
): Choice =>
  choices.find(choice => choice === fields.values[name]) ??
  refuse(fields, name, `one of ${choices.join(', ')}`);

export const readOptionalName = (fields: Fields, name: string): string | undefined => {
  const value = fields.values[name];
  if (value === undefined) return undefined;
  return typeof value === 'string' && /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(value)
    ? value
    : refuse(fields, name, 'a name of lower case letters, digits, "-" and "."');
};
