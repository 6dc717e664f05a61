import {formatMebibytes} from '../quantity.ts';
import {inconclusive, type Rule} from './rule.ts';

/** Rule 1: it could not run, or it is not about one target any more. */
export const failed: Rule = ({failure}) =>
  failure && inconclusive(failure.reason, failure.message || `The probe ended as ${failure.reason}.`);

/** Rule 2: no pressure was asked for, so there is a prediction and no proof. */
export const observedOnly: Rule = ({method, evidence}) => {
  if (method !== 'Observe') return undefined;
  const {min, max} = evidence.lazyFreeBytes ?? {};
  const range = [min, max].flatMap(bytes => (bytes === undefined ? [] : formatMebibytes(bytes)));
  const prefix = min === undefined ? 'Up to ' : '';
  const amount =
    range.length === 0
      ? 'How much is lazily freed could not be read'
      : `${prefix}${range.join(' to ')} are lazily freed by the kernel's own counts`;
  return inconclusive('ObservedOnly', `${amount}; nothing was squeezed, so nothing is proven.`);
};
