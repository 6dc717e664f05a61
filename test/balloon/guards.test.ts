import {setTimeout as wait} from 'node:timers/promises';
import test from 'ava';
import {HIERARCHY, hasBalloon, limitOf, MIB, makePod, setLimit, until, usageOf, workersOf} from './pod.ts';
import {
  buildPrograms,
  isGone,
  numberOf,
  repair,
  run,
  settingsFor,
  startBalloon,
  startTarget,
} from './program.ts';
import {openSqueeze, stepOnce} from './squeeze.ts';

test.before(buildPrograms);

test('refuses to hold more than its cap, and holds exactly the cap', async t => {
  const pod = makePod(t);
  const balloon = await startBalloon(t, pod, {'cap-bytes': 40 * MIB});
  t.is(await balloon.ask(`inflate bytes=${40 * MIB + 4096}`), 'failed bytes=0 errno=EFBIG');
  t.regex(await balloon.ask(`inflate bytes=${40 * MIB}`), new RegExp(`^inflated bytes=${40 * MIB} `));
  t.true(usageOf(pod) >= 40 * MIB);
});

test('a second balloon in the same boundary is refused as Busy with exit code 75', async t => {
  const pod = makePod(t);
  const first = await startBalloon(t, pod);
  const second = run(settingsFor(pod));
  t.like(second, {code: 75, stdout: 'error code=Busy'});
  t.regex(await first.ask('state'), /^state bytes=0 /);
});

test('lets go and exits when its deadline has come', async t => {
  const pod = makePod(t);
  await startTarget(t, pod, [40, 10]);
  const limit = limitOf(pod);
  const balloon = await startBalloon(t, pod, {'deadline-ms': 2000});
  await openSqueeze(pod, balloon);
  await stepOnce(pod, balloon);
  t.is(await balloon.nextLine(), 'tripped guard=deadline value=2000');
  t.is(await balloon.exited, 0);
  t.is(limitOf(pod), limit);
  t.false(hasBalloon(pod));
});

test('an agent that falls silent while something is pressed is taken for stopped: all is let go, and it may go on', async t => {
  const pod = makePod(t);
  await startTarget(t, pod, [40, 10]);
  const limit = limitOf(pod);
  const balloon = await startBalloon(t, pod, {'silence-ms': 1500});
  await openSqueeze(pod, balloon);
  t.regex(await stepOnce(pod, balloon), /^inflated /);
  t.regex(await balloon.nextLine(), /^tripped guard=agentSilent value=\d+$/);
  t.is(limitOf(pod), limit);
  t.regex(await balloon.ask('state'), /^state bytes=0 /);
  t.regex(await balloon.ask('squeeze'), /^squeezing /);
});

test('ends with its input, in the middle of an inflation too', async t => {
  const pod = makePod(t);
  await startTarget(t, pod, [40, 10]);
  const limit = limitOf(pod);
  const balloon = await startBalloon(t, pod);
  await openSqueeze(pod, balloon);
  balloon.send(`inflate bytes=${32 * MIB}`);
  balloon.endInput();
  t.is(await balloon.exited, 0);
  t.is(limitOf(pod), limit);
  t.false(hasBalloon(pod));
  t.true(isGone(numberOf(balloon.line, 'worker')));
});

test('does not begin a step that would leave the node too little', async t => {
  const pod = makePod(t);
  const probe = await startBalloon(t, pod);
  const available = numberOf(await probe.ask('state'), 'node-available');
  probe.send('quit');
  await probe.exited;
  const balloon = await startBalloon(t, pod, {
    'cap-bytes': available,
    'min-node-available-bytes': Math.floor(available / 2),
  });
  balloon.send(`inflate bytes=${Math.floor(available * 0.75)}`);
  t.regex(await balloon.nextLine(), /^tripped guard=minNodeAvailable value=\d+$/);
  t.is(await balloon.nextLine(), 'failed bytes=0 errno=ECANCELED');
  t.true(usageOf(pod) < 4 * MIB);
});

test('a limit that somebody else changed is left alone and ends the squeeze at once', async t => {
  const pod = makePod(t);
  await startTarget(t, pod, [40, 10]);
  const balloon = await startBalloon(t, pod);
  await openSqueeze(pod, balloon);
  await stepOnce(pod, balloon);
  setLimit(pod, 700 * MIB);
  const changed = performance.now();
  t.is(await balloon.nextLine(), `tripped guard=BoundaryChanged value=${700 * MIB}`);
  // Two looks of 50 ms, and what a busy machine needs to hear of it.
  t.true(performance.now() - changed < 1000);
  await until('the memory to be back', () => usageOf(pod) < 60 * MIB);
  balloon.send('quit');
  t.is(await balloon.exited, 0);
  t.is(limitOf(pod), String(700 * MIB));
  t.false(hasBalloon(pod));
});

if (HIERARCHY.version === 1)
  test('a limit of the target that somebody else changed between two requests is left alone', async t => {
    const pod = makePod(t);
    await startTarget(t, pod, [40, 10]);
    const container = {...pod, pod: pod.container};
    const asker = await startBalloon(t, pod, {method: 'reclaim'});
    const request = () => `reclaim bytes=${4 * MIB} limit=${usageOf(container) - 4 * MIB}`;
    t.regex(await asker.ask(request()), /^reclaimed .* end=ok$/);
    setLimit(container, 300 * MIB);
    t.is(await asker.ask(request()), `tripped guard=BoundaryChanged value=${300 * MIB}`);
    t.regex(await asker.nextLine(), /^failed bytes=0 errno=(ESTALE|ECANCELED)$/);
    asker.send('quit');
    t.is(await asker.exited, 0);
    t.is(limitOf(container), String(300 * MIB));
  });

test('what cannot be done is answered, and changes nothing', async t => {
  const pod = makePod(t);
  await startTarget(t, pod, [10, 10]);
  const limit = limitOf(pod);
  const balloon = await startBalloon(t, pod);
  const refused = pod.version === 2 ? 'squeeze high=4096' : 'squeeze high=1073741824';
  for (const line of [
    refused,
    'inflate',
    'inflate bytes=-1',
    'inflate bytes=12x',
    'squeeze bytes=4096',
    'inflate bytes=4096 limit=0',
  ])
    t.is(await balloon.ask(line), 'failed bytes=0 errno=EINVAL', line);
  for (const line of ['inflated', 'x'.repeat(300), ''])
    t.is(await balloon.ask(line), 'error code=BadCommand', line);
  t.is(limitOf(pod), limit);
  t.regex(await balloon.ask('inflate bytes=8388608'), /^inflated bytes=8388608 /);
  t.is(await balloon.ask('inflate bytes=4194304'), 'failed bytes=8388608 errno=EINVAL');
  t.is(await balloon.ask('restore'), 'restored');
});

test('commands are heard while it inflates: a release ends the inflation', async t => {
  const pod = makePod(t);
  const balloon = await startBalloon(t, pod);
  balloon.send(`inflate bytes=${190 * MIB}`);
  balloon.send('release');
  const answers = [await balloon.nextLine(), await balloon.nextLine()].join('\n');
  t.regex(answers, /^(failed bytes=0 errno=ECANCELED|inflated .*)\nreleased us=\d+$/);
  t.true(usageOf(pod) < 4 * MIB);
});

test('a balloon does not ask and an asker does not inflate, and asking needs a limit on v1 alone', async t => {
  const pod = makePod(t);
  await startTarget(t, pod, [10, 10]);
  const balloon = await startBalloon(t, pod);
  t.is(await balloon.ask('reclaim bytes=4096'), 'failed bytes=0 errno=EINVAL');
  balloon.endInput();
  await balloon.exited;
  const asker = await startBalloon(t, pod, {method: 'reclaim'});
  const wrong = pod.version === 2 ? 'reclaim bytes=4096 limit=4096' : 'reclaim bytes=4096';
  for (const line of [wrong, 'inflate bytes=4096', 'reclaim', 'reclaim bytes=0'])
    t.is(await asker.ask(line), 'failed bytes=0 errno=EINVAL', line);
  t.deepEqual(workersOf(pod), [], 'nothing of an asker is in the pod');
});

if (HIERARCHY.version === 2)
  test('below the usage room is made first, out of what the target freed lazily', async t => {
    const pod = makePod(t);
    await startTarget(t, pod, [40, 10]);
    const high = usageOf(pod) - 16 * MIB;
    const balloon = await startBalloon(t, pod);
    t.regex(await balloon.ask(`squeeze high=${high}`), /^squeezing /);
    t.is(limitOf(pod), String(Math.floor(high / 4096) * 4096));
    t.true(usageOf(pod) <= high);
    t.is(await balloon.ask('restore'), 'restored');
  });

const REFUSED: [string, (words: string[]) => string[]][] = [
  ['--version=3: give a whole number from 1 to 2', words => [...words, '--version=3']],
  ['--cap-bytes=-5: give a whole number', words => [...words, '--cap-bytes=-5']],
  ['--deadline-ms=1s: give a whole number', words => [...words, '--deadline-ms=1s']],
  ['--boundary=pod: give an absolute path', words => [...words, '--boundary=pod']],
  ['--method=magic is not known', words => [...words, '--method=magic']],
  ['--size=4 is not known', words => [...words, '--size=4']],
  ['--target is missing', words => words.filter(word => !word.startsWith('--target'))],
  ['is not inside --boundary', words => [...words, '--target=/sys/fs/cgroup']],
  ['No such file or directory; give the path of an existing cgroup', words => [...words, '--root=/no/such']],
];

for (const [sentence, change] of REFUSED)
  test(`bad settings are refused with one sentence: ${sentence}`, t => {
    const pod = makePod(t);
    const {code, stderr, stdout} = run(change(settingsFor(pod)));
    t.like({code, stdout}, {code: 64, stdout: ''});
    t.true(stderr.startsWith('balloon: ') && stderr.includes(sentence), stderr);
    t.is(stderr.split('\n').length, 1);
    t.false(hasBalloon(pod));
  });

test('the root of the hierarchy is no boundary', t => {
  const pod = makePod(t);
  const {code, stderr} = run(settingsFor({...pod, pod: pod.root}));
  t.is(code, 64);
  t.regex(stderr, /--boundary=\S+(?: is the root of the hierarchy|: no writable memory\.high)/);
});

test('a repair leaves a balloon that is guarded alone', async t => {
  const pod = makePod(t);
  const balloon = await startBalloon(t, pod);
  await balloon.ask(`inflate bytes=${8 * MIB}`);
  t.like(repair(pod), {code: 75, stdout: `busy boundary=${pod.pod}`});
  await wait(120);
  t.regex(await balloon.ask('state'), /^state bytes=8388608 /);
});
