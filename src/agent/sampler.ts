import path from 'node:path';
import {buildSample, type Sample, type SampleTexts} from '../domain/sample.ts';
import {AgentFailure, isGone, isNotSupported} from './failure.ts';
import {openOptional, type TextFile} from './text-file.ts';

/** Looks at one cgroup; its files are opened once, since a look comes every 50 ms. */
export type Sampler = {sample: (timeMilliseconds: number) => Sample; close: () => void};

type Files = Record<keyof Omit<SampleTexts, 'nodeSwapTotalBytes'>, TextFile | undefined>;

const FILE_NAMES: Record<1 | 2, Record<keyof Files, string | undefined>> = {
  1: {
    memoryStat: 'memory.stat',
    usage: 'memory.usage_in_bytes',
    failcnt: 'memory.failcnt',
    swapCurrent: undefined,
    memoryEvents: undefined,
    pressure: undefined,
  },
  2: {
    memoryStat: 'memory.stat',
    usage: 'memory.current',
    swapCurrent: 'memory.swap.current',
    memoryEvents: 'memory.events',
    pressure: 'memory.pressure',
    failcnt: undefined,
  },
};

/** Opens a cgroup's files. Its looks throw TargetGone once the cgroup is removed. */
export const openSampler = (version: 1 | 2, cgroup: string, nodeSwapTotalBytes?: number): Sampler => {
  const names = FILE_NAMES[version];
  const open = (key: keyof Files): TextFile | undefined => {
    const name = names[key];
    return name === undefined ? undefined : openOptional(path.join(cgroup, name));
  };
  const files: Files = {
    memoryStat: open('memoryStat'),
    usage: open('usage'),
    swapCurrent: open('swapCurrent'),
    memoryEvents: open('memoryEvents'),
    pressure: open('pressure'),
    failcnt: open('failcnt'),
  };
  if (files.memoryStat === undefined)
    throw new AgentFailure('TargetGone', `the cgroup ${cgroup} was removed`);
  const sample = (timeMilliseconds: number): Sample => {
    const built = buildSample(version, {...readTexts(files, cgroup), nodeSwapTotalBytes}, timeMilliseconds);
    if (built !== undefined) return built;
    throw new AgentFailure('BalloonFailed', `${cgroup}/memory.stat lacks a number that every verdict needs`);
  };
  return {sample, close: () => Object.values(files).forEach(file => void file?.close())};
};

const readTexts = (files: Files, cgroup: string): SampleTexts => {
  try {
    return {
      memoryStat: files.memoryStat?.read() ?? '',
      usage: files.usage?.read(),
      swapCurrent: files.swapCurrent?.read(),
      memoryEvents: files.memoryEvents?.read(),
      pressure: readPressure(files.pressure),
      failcnt: files.failcnt?.read(),
    };
  } catch (error) {
    if (isGone(error))
      throw new AgentFailure('TargetGone', `the cgroup ${cgroup} was removed`, {cause: error});
    throw error;
  }
};

/** A kernel with PSI switched off has the file, and answers EOPNOTSUPP when it is read. */
const readPressure = (file: TextFile | undefined): string | undefined => {
  try {
    return file?.read();
  } catch (error) {
    if (isNotSupported(error)) return undefined;
    throw error;
  }
};
