import {type ChildProcess, execFileSync, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import test from 'ava';
import {isAbout} from '../helpers/about.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const WORKLOAD = path.join(ROOT, 'build/workload/workload');
const MIB = 1024 * 1024;

test.before(() => {
  execFileSync('make', ['--silent', 'workload'], {cwd: ROOT});
});

type Running = {pid: number; child: ChildProcess; nextLine: (pattern: RegExp) => Promise<string>};

const start = (args: string[], cwd = tmpdir()): Running => {
  const child = spawn(WORKLOAD, args, {cwd, stdio: ['ignore', 'pipe', 'inherit']});
  const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
  const nextLine = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const {value, done} = await lines.next();
      if (done) throw new Error(`the workload ended before it printed ${pattern}`);
      if (pattern.test(value)) return value;
    }
  };
  return {pid: child.pid ?? 0, child, nextLine};
};

const stop = async ({child}: Running): Promise<number | null> => {
  if (child.exitCode !== null) return child.exitCode;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  return (await exited)[0];
};

/** Runs a workload until it is ready, looks at it, and ends it. */
const look = async (args: string[], use: (running: Running) => Promise<void> | void): Promise<void> => {
  const running = start(args);
  try {
    await running.nextLine(/^ready /);
    await use(running);
  } finally {
    await stop(running);
  }
};

// LazyFree:         307200 kB
const readRollup = (pid: number): Record<string, number> =>
  Object.fromEntries(
    [...readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').matchAll(/^(\w+):\s+(\d+) kB$/gm)].map(
      ([, key, kib]) => [key, Number(kib) * 1024],
    ),
  );

for (const mebibytes of [50, 300, 1000])
  test.serial(`${mebibytes} MiB freed lazily are lazily freed, and still resident`, async t => {
    await look(['lazily-freed', `--freed=${mebibytes}Mi`, '--held=46Mi'], ({pid}) => {
      const {LazyFree, Anonymous, Rss} = readRollup(pid);
      isAbout(t, LazyFree, mebibytes * MIB);
      isAbout(t, Anonymous, (mebibytes + 46) * MIB);
      isAbout(t, Rss, (mebibytes + 46) * MIB);
    });
  });

test.serial('what is written again after it was freed is no longer lazily freed', async t => {
  await look(['lazily-freed', '--freed=60Mi', '--dirtied=20Mi', '--held=10Mi'], ({pid}) => {
    const {LazyFree, Anonymous} = readRollup(pid);
    isAbout(t, LazyFree, 40 * MIB);
    isAbout(t, Anonymous, 70 * MIB);
  });
});

test.serial('the program itself takes less than 1 MiB', async t => {
  await look(['held-idle', '--held=0'], ({pid}) => {
    t.true((readRollup(pid).Rss ?? Number.NaN) < MIB);
  });
});

/** Clears the referenced bits, lets the program go on until `until`, and says what it touched meanwhile. */
const touchedBytes = async (pid: number, until: (touched: number) => boolean): Promise<number> => {
  writeFileSync(`/proc/${pid}/clear_refs`, '1');
  const end = performance.now() + 3000;
  for (;;) {
    const touched = readRollup(pid).Referenced ?? Number.NaN;
    if (until(touched) || performance.now() > end) return touched;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
};

test.serial('held and used memory is touched, all of it', async t => {
  await look(['held-used', '--held=40Mi'], async ({pid}) => {
    t.true((await touchedBytes(pid, touched => touched >= 40 * MIB)) >= 40 * MIB);
  });
});

test.serial('held and idle memory is never touched', async t => {
  await look(['held-idle', '--held=40Mi'], async ({pid}) => {
    t.true((await touchedBytes(pid, touched => touched > MIB)) < MIB);
  });
});

test.serial('a growing program grows at its rate', async t => {
  await look(['growing', '--held=8Mi', '--per-second=20Mi'], async ({pid}) => {
    const [begin, first] = [performance.now(), readRollup(pid).Anonymous ?? Number.NaN];
    await new Promise(resolve => setTimeout(resolve, 1500));
    const seconds = (performance.now() - begin) / 1000;
    const perSecond = ((readRollup(pid).Anonymous ?? Number.NaN) - first) / seconds;
    t.true(perSecond > 10 * MIB && perSecond < 25 * MIB, `${perSecond} bytes a second`);
  });
});

test.serial('a filling cache is full in the end, and a warm-up comes near its size', async t => {
  const args = ['filling', '--held=4Mi', '--per-second=40Mi', '--growth-limit=12Mi', '--warm=8Mi'];
  await look([...args, '--warm-milliseconds=50'], async ({pid}) => {
    await new Promise(resolve => setTimeout(resolve, 2000));
    isAbout(t, readRollup(pid).Anonymous, 24 * MIB);
  });
});

test.serial('shared memory is shmem, and not anonymous', async t => {
  await look(['tmpfs', '--shared=30Mi', '--held=4Mi'], ({pid}) => {
    const shmemKib = /^RssShmem:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    isAbout(t, Number(shmemKib) * 1024, 30 * MIB);
    isAbout(t, readRollup(pid).Anonymous, 4 * MIB);
  });
});

test.serial('page cache is a file of the given size, and not resident memory', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'workload-'));
  const file = path.join(folder, 'cache');
  try {
    await look(['page-cache', '--cache=20Mi', '--held=4Mi', `--file=${file}`], ({pid}) => {
      t.is(statSync(file).size, 20 * MIB);
      isAbout(t, readRollup(pid).Rss, 4 * MIB);
    });
  } finally {
    rmSync(folder, {recursive: true});
  }
});

test.serial('the latency watch sees a gap in which it could not run', async t => {
  await look(['latency', '--freed=10Mi'], async ({child, nextLine}) => {
    await nextLine(/^latency /); // it counts gaps from its first touch on
    child.kill('SIGSTOP');
    await new Promise(resolve => setTimeout(resolve, 400));
    child.kill('SIGCONT');
    const line = await nextLine(/^latency /);
    const gap = /touches=[1-9]\d* largest-gap-ms=([\d.]+)/.exec(line)?.[1];
    t.true(Number(gap) >= 300, line);
  });
});

test.serial('the latency watch answers SIGUSR1 at once', async t => {
  await look(['latency'], async ({child, nextLine}) => {
    child.kill('SIGUSR1');
    t.regex(await nextLine(/^latency /), /^latency touches=\d+ largest-gap-ms=[\d.]+ recent-gap-ms=[\d.]+$/);
  });
});

test.serial('SIGTERM ends it with 0', async t => {
  const running = start(['held-idle', '--held=1Mi']);
  await running.nextLine(/^ready /);
  t.is(await stop(running), 0);
});

const REFUSED: [string[], RegExp][] = [
  [[], /nothing is not a mode/],
  [['leaky'], /leaky is not a mode/],
  [['held-idle', '--held=-1'], /--held=-1 is not a size/],
  [['held-idle', '--held=100m'], /--held=100m is not a size/],
  [['held-used', '--touch-milliseconds=soon'], /--touch-milliseconds=soon is not a whole number/],
  [['held-idle', '--hold=1Mi'], /--hold=1Mi is not an option/],
  [['sawtooth', '--saw-milliseconds=0'], /--saw needs --saw-milliseconds/],
  [['lazily-freed', '--freed=1Mi', '--dirtied=2Mi'], /--dirtied must not be above --freed/],
];
for (const [args, sentence] of REFUSED)
  test(`refuses \`${args.join(' ')}\` with a sentence`, t => {
    const {status, stderr} = spawnSync(WORKLOAD, args, {encoding: 'utf8'});
    t.is(status, 64);
    t.regex(stderr, sentence);
  });
