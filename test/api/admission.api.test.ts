import {decodeSpec} from '../../src/api/decode.ts';
import {createApiTest} from '../helpers/need-api-server.ts';
import {createProbe} from '../helpers/world.ts';

const apiTest = createApiTest();
const target = {podName: 'target'};

const BAD_SIZES = ['-1', '100m', '10Ei', 'abc', '', -1];
const SIZES: Record<string, (value: unknown) => object> = {
  'spec.pressure.stepSize': stepSize => ({target, pressure: {stepSize}}),
  'spec.pressure.maxSize': maxSize => ({target, pressure: {maxSize}}),
  'spec.criteria.expectedSize': expectedSize => ({target, criteria: {expectedSize}}),
  'spec.criteria.minGrowth': minGrowth => ({target, criteria: {minGrowth}}),
  'spec.guards.maxCacheReclaimed': maxCacheReclaimed => ({target, guards: {maxCacheReclaimed}}),
  'spec.guards.minNodeAvailable': minNodeAvailable => ({target, guards: {minNodeAvailable}}),
};

apiTest(
  'a size that is none is refused with the field and the value, by the API server and by the decoder',
  async (t, world) => {
    for (const [field, specOf] of Object.entries(SIZES))
      for (const value of BAD_SIZES) {
        const spec = specOf(value);
        const error = await t.throwsAsync(
          createProbe(world, 'default', 'bad', spec),
          undefined,
          `${field} ${value}`,
        );
        t.true(error?.message.includes(field), error?.message ?? '');
        t.true(error?.message.includes(`not "${value}"`), error?.message ?? '');
        const decoded = t.throws(() => decodeSpec(spec));
        t.true(decoded?.message.includes(`${field} must be`), decoded?.message ?? '');
        t.true(decoded?.message.includes(`not ${JSON.stringify(value)}`), decoded?.message ?? '');
      }
  },
);

const OTHERS: {title: string; spec: object; says: RegExp}[] = [
  {
    title: 'two targets',
    spec: {target: {...target, selector: {matchLabels: {a: 'b'}}}},
    says: /exactly one of spec\.target\.podName and spec\.target\.selector/,
  },
  {
    title: 'no target',
    spec: {target: {}},
    says: /exactly one of spec\.target\.podName and spec\.target\.selector/,
  },
  {title: 'no spec.target', spec: {}, says: /spec\.target/},
  {
    title: 'a percentage of 95%',
    spec: {target, guards: {minNodeAvailable: '95%'}},
    says: /spec\.guards\.minNodeAvailable.*95%/,
  },
  {title: '33 rounds', spec: {target, rounds: {count: 33}}, says: /spec\.rounds\.count.*33/},
  {
    title: 'scope Cluster',
    spec: {target, pressure: {scope: 'Cluster'}},
    says: /spec\.pressure\.scope.*Cluster/,
  },
  {
    title: 'scope Node with method Observe',
    spec: {target, pressure: {scope: 'Node', method: 'Observe'}},
    says: /spec\.pressure\.scope Node needs spec\.pressure\.method Balloon, not "Observe"/,
  },
  {
    title: 'a step of 2Gi',
    spec: {target, pressure: {stepSize: '2Gi'}},
    says: /spec\.pressure\.stepSize.*2Gi/,
  },
  {
    title: 'a deadline of 5 s',
    spec: {target, guards: {deadlineSeconds: 5}},
    says: /spec\.guards\.deadlineSeconds.*5/,
  },
];

for (const {title, spec, says} of OTHERS)
  apiTest(`${title} is refused with the field and the value`, async (t, world) => {
    const error = await t.throwsAsync(createProbe(world, 'default', 'bad', spec));
    t.regex(error?.message ?? '', says);
  });

apiTest('what is legal is let in, and decodes to the same numbers that it says', async (t, world) => {
  const criteria = {expectedSize: '1.5Gi', minGrowth: 1024};
  const probe = await createProbe(world, 'default', 'legal', {
    target,
    criteria,
    guards: {minNodeAvailable: '2Gi'},
  });
  const spec = decodeSpec(probe.spec);
  t.is(spec.criteria.expectedBytes, 1.5 * 1024 ** 3);
  t.is(spec.criteria.minGrowthBytes, 1024);
  t.deepEqual(spec.guards.minNodeAvailable, {bytes: 2 * 1024 ** 3});
});

apiTest('the decoder fills in the defaults that the API server does', async (t, world) => {
  const probe = await createProbe(world, 'default', 'bare', {target});
  t.deepEqual(decodeSpec({target}), decodeSpec(probe.spec));
});

apiTest('a changed spec is refused: a new look is a new probe', async (t, world) => {
  await createProbe(world, 'default', 'fixed', {target});
  const error = await t.throwsAsync(
    world.probes.merge({namespace: 'default', name: 'fixed'}, {spec: {target: {podName: 'other'}}}),
  );
  t.regex(error?.message ?? '', /spec is immutable: a new look is a new MemoryProbe/);
});
