import {existsSync} from 'node:fs';
import {KUBECONFIG, NODES} from './config.ts';
import {runningKinds} from './images.ts';
import {listStarted} from './process.ts';
import {kubectl, run} from './shell.ts';

const CGROUP_VERSION = 'stat -fc %T /sys/fs/cgroup';

const readCgroupType = (kind: 'native' | 'guest'): Promise<string> =>
  kind === 'native'
    ? run('sh', '-c', CGROUP_VERSION)
    : run(`${import.meta.dirname}/guest-exec`, CGROUP_VERSION);

/** Nodes, versions, cgroup versions and process ids, for people. */
export const printStatus = async (): Promise<void> => {
  const started = listStarted();
  if (started.length === 0 || !existsSync(KUBECONFIG))
    return console.log('no cluster: `make cluster-up` starts one');
  for (const {name, pid} of started) console.log(`${name.padEnd(24)} ${pid ?? 'not running'}`);
  for (const kind of runningKinds()) {
    const version = (await readCgroupType(kind)).trim() === 'cgroup2fs' ? 2 : 1;
    console.log(`${`${NODES[kind].name} (${kind})`.padEnd(24)} cgroup v${version}`);
  }
  console.log(await kubectl('get', 'nodes', '-o', 'wide', '-L', 'memoryprobe.dev/lab-node'));
};
