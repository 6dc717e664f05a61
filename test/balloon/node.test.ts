import {writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {hasBalloon, limitOf, MIB, makePod, type Pod, usageOf} from './pod.ts';
import {buildPrograms, numberOf, run, settingsFor, startBalloon, startTarget} from './program.ts';

test.before(buildPrograms);

const HARD_LIMIT = {1: 'memory.limit_in_bytes', 2: 'memory.max'} as const;

/** The balloon's own pod, with a target in another. The balloon stays small: this machine is not pressed. */
const makePods = (t: ExecutionContext): {own: Pod; target: Pod} => {
  const target = makePod(t);
  return {own: {...makePod(t), container: target.container}, target};
};

test("a balloon for the node stays in its own pod and changes no limit, neither there nor in the target's", async t => {
  const {own, target} = makePods(t);
  await startTarget(t, target, [8, 8]);
  const limits = [limitOf(own), limitOf(target)];
  const balloon = await startBalloon(t, own, {node: 1});
  t.regex(balloon.line, / reclaim-lead=0$/);
  t.regex(await balloon.ask('squeeze'), /^squeezing /);
  t.regex(await balloon.ask(`inflate bytes=${16 * MIB}`), /^inflated /);
  t.true(usageOf(own) >= 16 * MIB);
  t.false(hasBalloon(target));
  t.deepEqual([limitOf(own), limitOf(target)], limits);
  t.regex(await balloon.ask('release'), /^released /);
  balloon.endInput();
  t.is(await balloon.exited, 0);
  t.false(hasBalloon(own));
});

test("a limit above the balloon's pod, as the kubelet has one for all pods, ends a step like a short node", async t => {
  const {own: outer, target} = makePods(t);
  const own = {...outer, pod: path.join(outer.pod, 'container'), container: target.container};
  if (own.version === 2) writeFileSync(path.join(own.pod, 'cgroup.subtree_control'), '+memory +cpu');
  writeFileSync(path.join(outer.pod, HARD_LIMIT[own.version]), String(150 * MIB));
  const balloon = await startBalloon(t, own, {node: 1});
  t.regex(await balloon.ask('squeeze'), /^squeezing /);
  t.regex(await balloon.ask(`inflate bytes=${16 * MIB}`), /^inflated /);
  const left = numberOf(await balloon.ask('state'), 'node-available');
  t.true(left <= 134 * MIB && left > 100 * MIB, `${left}`);
  balloon.send(`inflate bytes=${80 * MIB}`);
  t.regex(await balloon.nextLine(), /^tripped guard=minNodeAvailable value=\d+$/);
  t.is(await balloon.nextLine(), 'failed bytes=0 errno=ECANCELED');
});

test('a balloon in a pod stops before a limit above the pod too: there anybody may be killed', async t => {
  const outer = makePod(t);
  const pod = {...outer, pod: outer.container};
  if (pod.version === 2) writeFileSync(path.join(pod.pod, 'cgroup.subtree_control'), '+memory +cpu');
  writeFileSync(path.join(outer.pod, HARD_LIMIT[pod.version]), String(150 * MIB));
  const balloon = await startBalloon(t, pod);
  t.regex(await balloon.ask(`inflate bytes=${16 * MIB}`), /^inflated /);
  balloon.send(`inflate bytes=${140 * MIB}`);
  const line = await balloon.nextLine();
  t.regex(line, /^tripped guard=minNodeAvailable value=\d+$/);
  t.true(numberOf(line, 'value') < 140 * MIB);
  t.is(await balloon.nextLine(), 'failed bytes=0 errno=ECANCELED');
});

test('a boundary around the target, or no root, is refused for the node', t => {
  const pod = makePod(t);
  const around = run([...settingsFor(pod), '--node=1']);
  t.is(around.code, 64);
  t.regex(around.stderr, /--boundary=.*own pod.*not around --target/);
  const rootless = run([...settingsFor(pod).filter(word => !word.startsWith('--root=')), '--node=1']);
  t.is(rootless.code, 64);
  t.regex(rootless.stderr, /--root is missing/);
});
