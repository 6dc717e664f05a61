import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {findOwnCgroup, parseProcessCgroup} from '../domain/cgroup-path.ts';
import type {LocalFacts, Member} from '../domain/local-target.ts';
import {parseParentPid} from '../domain/proc-stat.ts';
import {findHierarchy, type Hierarchy, listChildren} from './cgroup-tree.ts';
import {type Config, UsageError} from './config.ts';
import {listProcesses, readProcFile} from './processes.ts';
import {BALLOON_CGROUP} from './restoration.ts';

const MAX_TOLD_MEMBERS = 3;

/** Looks where a process, or a cgroup that was named, has its memory counted, and who else is there. Throws UsageError. */
export const locate = (config: Config): LocalFacts => {
  const hierarchy = findHierarchy(config.cgroupRoot);
  const {targetPid: pid, targetCgroup, procRoot} = config;
  if (targetCgroup !== undefined) return describe(hierarchy, procRoot, checkCgroup(hierarchy, targetCgroup));
  if (pid === undefined)
    throw new UsageError('neither TARGET_PID nor TARGET_CGROUP is set: nothing to look for');
  checkProcess(procRoot, pid);
  return describe(hierarchy, procRoot, findCgroup(hierarchy, procRoot, pid), pid);
};

const describe = (hierarchy: Hierarchy, procRoot: string, cgroup: string, pid?: number): LocalFacts => {
  const {version, root} = hierarchy;
  const isRoot = cgroup === root;
  const pids = isRoot ? [] : listProcesses(cgroup, procRoot).map(member => member.pid);
  const parents = new Map(pids.map(member => [member, readParent(procRoot, member)]));
  const named = findOwnCgroup(cgroup) === cgroup;
  const others =
    pid === undefined || named
      ? []
      : pids.filter(member => member !== pid && !descends(parents, member, pid));
  return {
    version,
    root,
    cgroup,
    ...(pid !== undefined && {pid}),
    own: !isRoot && others.length === 0,
    others: {
      count: others.length,
      some: others.slice(0, MAX_TOLD_MEMBERS).map(member => nameMember(procRoot, member)),
    },
    holdsUs: isRoot || pids.includes(process.pid) || pids.includes(process.ppid),
    parentAlone: !isRoot && isAlone(path.dirname(cgroup), cgroup),
    canReclaim: version === 1 || existsSync(path.join(cgroup, 'memory.reclaim')),
  };
};

const checkCgroup = ({root}: Hierarchy, given: string): string => {
  const cgroup = path.normalize(given).replace(/\/+$/, '');
  if (cgroup !== root && !cgroup.startsWith(`${root}/`))
    throw new UsageError(`--cgroup is ${given}: give a directory below ${root}, where memory is counted`);
  if (!existsSync(path.join(cgroup, 'cgroup.procs')))
    throw new UsageError(`--cgroup is ${given}: there is no such cgroup`);
  if (cgroup !== root && !isCounted(cgroup))
    throw new UsageError(`--cgroup is ${given}: memory is not counted there, only in a cgroup above it`);
  return cgroup;
};

const checkProcess = (procRoot: string, pid: number): void => {
  const status = readProcFile(procRoot, pid, 'status');
  if (status === undefined) throw new UsageError(`--pid is ${pid}: there is no such process`);
  const leader = Number(/^Tgid:\s+(\d+)$/m.exec(status)?.[1] ?? pid);
  if (leader !== pid)
    throw new UsageError(`--pid is ${pid}: that is a thread of process ${leader}; give that one`);
  if (/^State:\s+[ZX]/m.test(status)) throw new UsageError(`--pid is ${pid}: that process has ended`);
  if (!/^VmRSS:/m.test(status))
    throw new UsageError(`--pid is ${pid}: that is a thread of the kernel, which has no memory of its own`);
};

/** The nearest cgroup, from the process's own upwards, that is a service or container; else where its memory is counted. */
const findCgroup = ({version, root}: Hierarchy, procRoot: string, pid: number): string => {
  const place = parseProcessCgroup(readProcFile(procRoot, pid, 'cgroup') ?? '');
  if (place === undefined || place.version !== version)
    throw new UsageError(`--pid is ${pid}: its cgroup was removed, or memory is not counted in it`);
  const leaf = path.join(root, place.path).replace(/\/$/, '');
  if (place.path.includes('/..') || !existsSync(leaf))
    throw new UsageError(
      `--pid is ${pid}: its cgroup ${place.path} is not below ${root}, so it is seen from another cgroup namespace; run this on the host itself`,
    );
  const counted = findCounted(root, leaf);
  const own = findOwnCgroup(leaf.slice(root.length));
  return own !== undefined && isCounted(path.join(root, own)) ? path.join(root, own) : counted;
};

/** A threaded cgroup, and one without the memory controller, counts in the next above it. */
const findCounted = (root: string, directory: string): string =>
  directory === root || isCounted(directory) ? directory : findCounted(root, path.dirname(directory));

const isCounted = (cgroup: string): boolean =>
  ['memory.current', 'memory.usage_in_bytes'].some(file => existsSync(path.join(cgroup, file)));

const isAlone = (parent: string, cgroup: string): boolean => {
  const children = listChildren(parent).filter(name => name !== BALLOON_CGROUP);
  const procs = path.join(parent, 'cgroup.procs');
  return children.join() === path.basename(cgroup) && readFileSync(procs, 'latin1').trim() === '';
};

const readParent = (procRoot: string, pid: number): number | undefined =>
  parseParentPid(readProcFile(procRoot, pid, 'stat') ?? '');

const descends = (parents: Map<number, number | undefined>, pid: number, from: number): boolean => {
  for (let at = parents.get(pid); at !== undefined && at > 1; at = parents.get(at))
    if (at === from) return true;
  return false;
};

const nameMember = (procRoot: string, pid: number): Member => ({
  pid,
  command: readProcFile(procRoot, pid, 'comm')?.trim() ?? '',
});

/** The boundaries in which something of a balloon may be left around one target: itself, below it, and its parent. */
export const findRemains = ({root}: Hierarchy, cgroup: string): string[] =>
  [path.dirname(cgroup), cgroup].filter(directory => directory.startsWith(root) && hasRemains(directory));

const hasRemains = (directory: string): boolean => {
  try {
    return readdirSync(directory).includes(BALLOON_CGROUP);
  } catch {
    return false;
  }
};
