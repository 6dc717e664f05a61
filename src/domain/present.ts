type Present<T> = {[Key in keyof T]?: Exclude<T[Key], undefined>};

/** Leaves out what is undefined: an absent field, not a field that says nothing. */
export const present = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
