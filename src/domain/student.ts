/**
 * P(T > t) of Student's t with a whole number of degrees of freedom, exact: the finite series of Abramowitz & Stegun 26.7.3
 * and 26.7.4.
 */
export const studentUpperTail = (t: number, degrees: number): number => {
  const between = shareBetween(Math.abs(t), degrees);
  return t >= 0 ? (1 - between) / 2 : (1 + between) / 2;
};

/** P(-t < T < t) for t >= 0. */
const shareBetween = (t: number, degrees: number): number => {
  if (t === Number.POSITIVE_INFINITY) return 1;
  const angle = Math.atan(t / Math.sqrt(degrees));
  const isOdd = degrees % 2 === 1;
  const terms = sumTerms(Math.cos(angle), Math.floor(degrees / 2), isOdd);
  return isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * terms) : Math.sin(angle) * terms;
};

/** Even: 1 + 1/2 cos^2 + 1*3/(2*4) cos^4 ...; odd: cos + 2/3 cos^3 + 2*4/(3*5) cos^5 ... */
const sumTerms = (cosine: number, count: number, isOdd: boolean): number => {
  let [sum, term] = [0, isOdd ? cosine : 1];
  for (let index = 1; index <= count; index += 1) {
    sum += term;
    const lower = isOdd ? 2 * index : 2 * index - 1;
    term *= (lower / (lower + 1)) * cosine ** 2;
  }
  return sum;
};
