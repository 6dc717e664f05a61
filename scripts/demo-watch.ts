import type {MemoryProbeBody} from '../src/api/memory-probe.ts';
import {formatQuantity} from '../src/domain/quantity.ts';

type Status = NonNullable<MemoryProbeBody['status']>;
type Listed = {items: (MemoryProbeBody & {metadata: {name: string}})[]};
export type Found = Pick<Status, 'verdict' | 'reason' | 'message'>;

const TIMEOUT_MS = 300_000;
const POLL_MS = 300;

/** Prints what changes of each probe until all have a verdict, or until it took too long. */
export const awaitVerdicts = async (list: () => Promise<string>): Promise<Map<string, Found>> => {
  const began = performance.now();
  const printed = new Map<string, string>();
  for (;;) {
    const {items} = JSON.parse(await list()) as Listed;
    for (const {metadata, status} of items) {
      const line = describe(status ?? {});
      if (printed.get(metadata.name) === line) continue;
      printed.set(metadata.name, line);
      const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
      console.log(`${seconds} s  ${metadata.name.padEnd(22)} ${line}`);
    }
    const isDone = items.every(({status}) => status?.verdict !== undefined);
    if (isDone || performance.now() - began > TIMEOUT_MS)
      return new Map(items.map(({metadata, status}) => [metadata.name, status ?? {}]));
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
};

const describe = ({phase = 'Pending', verdict, reason, progress, conditions}: Status): string => {
  if (verdict) return `${phase}: ${verdict} (${reason})`;
  const {phase: stage, inflatedBytes, currentBytes} = progress ?? {};
  const sizes = [
    inflatedBytes === undefined ? undefined : `balloon ${formatQuantity(inflatedBytes)}`,
    currentBytes === undefined ? undefined : `target ${formatQuantity(currentBytes)}`,
  ];
  const waiting = conditions?.find(({type}) => type === 'Reconciling')?.message;
  return [phase, stage, ...sizes, waiting].filter(Boolean).join(', ');
};
