import type {Threshold} from './settings.ts';
import {type Bytes, KIB, MIB} from './units.ts';

/** Longest text that the API server takes for a quantity here; also keeps the exponents small. */
const MAX_LENGTH = 32;
const QUANTITY = /^\+?(?<whole>\d*)(?:\.(?<fraction>\d*))?(?<suffix>[KMGTPE]i|[kMGTPE]|[eE][+-]?\d{1,3})?$/;
const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL = ['k', 'M', 'G', 'T', 'P', 'E'];

/**
 * Bytes of a Kubernetes quantity (`1.5Gi`, `64Mi`, `500M`, `1e9`, `1024`); part of a byte is rounded up, as the API
 * server does. Undefined for what is no size: negative, `100m`, junk, above 2^53. Grammar:
 * k8s.io/apimachinery/pkg/api/resource.
 */
export const parseQuantity = (text: string | number): Bytes | undefined => {
  if (typeof text === 'number') return toSafeBytes(Math.ceil(text));
  const groups = text.length > MAX_LENGTH ? undefined : QUANTITY.exec(text)?.groups;
  if (!groups) return undefined;
  const whole = groups.whole ?? '';
  const fraction = groups.fraction ?? '';
  if (whole + fraction === '') return undefined;
  return scaleExactly(BigInt(whole + fraction), fraction.length, groups.suffix ?? '');
};

/** Whole numbers all the way: 1.1k is 1100 bytes, which binary fractions would round up to 1101. */
const scaleExactly = (digits: bigint, fractionDigits: number, suffix: string): Bytes | undefined => {
  const exponent = decimalExponentOf(suffix) - fractionDigits;
  if (exponent > MAX_LENGTH) return digits === 0n ? 0 : undefined;
  const binary = 1024n ** BigInt(BINARY.indexOf(suffix) + 1);
  const scaled = digits * binary * 10n ** BigInt(Math.max(0, exponent));
  const divisor = 10n ** BigInt(Math.max(0, -exponent));
  return toSafeBytes(Number((scaled + divisor - 1n) / divisor));
};

const decimalExponentOf = (suffix: string): number =>
  /^[eE][-+\d]/.test(suffix) ? Number(suffix.slice(1)) : 3 * (DECIMAL.indexOf(suffix) + 1);

const toSafeBytes = (bytes: number): Bytes | undefined =>
  Number.isSafeInteger(bytes) && bytes >= 0 ? bytes + 0 : undefined;

/** Three digits for the eye, at most 16 characters: `346Mi`, `1.5Gi`. Off by at most half a percent. */
export const formatQuantity = (bytes: Bytes): string => {
  const size = Math.max(0, bytes);
  const power = [6, 5, 4, 3, 2, 1].find(candidate => size >= (KIB - 0.5) * KIB ** (candidate - 1)) ?? 0;
  const scaled = size / KIB ** power;
  const rounded = scaled >= 100 ? Math.round(scaled) : Number(scaled.toPrecision(3));
  return power === 0 ? String(Math.round(size)) : `${rounded}${BINARY[power - 1]}`;
};

/** For sentences, always in MiB so that numbers in one sentence compare: `346 MiB`, `0.5 MiB`. */
export const formatMebibytes = (bytes: Bytes): string => {
  const mebibytes = bytes / MIB;
  return `${Math.abs(mebibytes) >= 10 ? Math.round(mebibytes) : Math.round(mebibytes * 10) / 10} MiB`;
};

/** A share (`10%`) or an amount (`2Gi`); undefined for neither, and for a share above 100 %. */
export const parseThreshold = (text: string | number): Threshold | undefined => {
  if (typeof text === 'string' && text.endsWith('%')) {
    const percent = /^\d{1,3}%$/.test(text) ? Number(text.slice(0, -1)) : Number.NaN;
    return percent <= 100 ? {percent} : undefined;
  }
  const bytes = parseQuantity(text);
  return bytes === undefined ? undefined : {bytes};
};
