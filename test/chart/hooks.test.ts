import {readConfig, readLetGoConfig} from '../../src/operator/config.ts';
import {chartTest, type Manifest, renderChart, renderChartAndHooks} from '../helpers/helm.ts';
import {workloadOf} from './rules/workload.ts';

const HOOK = 'helm.sh/hook';
const annotationsOf = ({metadata}: Manifest): Record<string, string> =>
  (metadata as {annotations?: Record<string, string>}).annotations ?? {};
const hooksOf = (event: string, ...flags: string[]): Manifest[] =>
  renderChartAndHooks(...flags).filter(object => annotationsOf(object)[HOOK] === event);
const weightOf = (object: Manifest): number => Number(annotationsOf(object)['helm.sh/hook-weight']);
const namesOf = (objects: Manifest[]): string[] =>
  objects.map(({kind, metadata}) => `${kind} ${metadata.name}`).sort();

chartTest('what lets go before an uninstall is told what it needs', t => {
  const flags = ['--set', 'letGo.patienceSeconds=33', '--set', 'imagePullSecrets={a}'];
  const job = hooksOf('pre-delete', ...flags)
    .map(workloadOf)
    .find(Boolean);
  const [container] = job?.pod.containers ?? [];
  const environment = Object.fromEntries(
    container?.env?.map(({name, value}) => [name, value ?? 'from the pod']) ?? [],
  );
  t.deepEqual((container as unknown as {args: string[]}).args, ['let-go']);
  t.deepEqual(readLetGoConfig(environment), {deployment: 'memoryprobe', patienceSeconds: 33});
  t.like(readConfig(environment), {
    balloonImage: 'localhost/memoryprobe/balloon:0.1.0',
    balloonImagePullSecrets: ['a'],
    balloonPriorityClass: 'memoryprobe-balloon',
  });
});

chartTest('it has more time than it takes, and less than helm waits', t => {
  const job = hooksOf('pre-delete').find(({kind}) => kind === 'Job') as Manifest;
  const {activeDeadlineSeconds} = job.spec as {activeDeadlineSeconds: number};
  t.true(activeDeadlineSeconds > 120 + 60 && activeDeadlineSeconds < 300, `${activeDeadlineSeconds}`);
});

chartTest('its rights come before it, and end where it does not need more', t => {
  const hooks = hooksOf('pre-delete');
  t.deepEqual(namesOf(hooks), [
    'Job memoryprobe-let-go',
    'Role memoryprobe-let-go',
    'RoleBinding memoryprobe-let-go',
  ]);
  const job = hooks.find(({kind}) => kind === 'Job') as Manifest;
  for (const hook of hooks.filter(({kind}) => kind !== 'Job')) t.true(weightOf(hook) < weightOf(job));
  for (const {resourceNames} of hooks.flatMap(({rules}) => (rules ?? []) as {resourceNames?: string[]}[]))
    t.is(resourceNames?.length, 1, 'one object by its name');
});

chartTest('an administrator may do without it', t => {
  t.deepEqual(hooksOf('pre-delete', '--set', 'letGo.enabled=false'), []);
});

chartTest('helm test makes its objects in an order in which they can be made', t => {
  const hooks = hooksOf('test').sort((a, b) => weightOf(a) - weightOf(b));
  const at = (name: string) =>
    namesOf([...hooks]).includes(name) && hooks.findIndex(hook => namesOf([hook])[0] === name);
  t.is(at('Namespace memoryprobe-test'), 0);
  t.true(at('ServiceAccount target') < at('Deployment target'));
  t.true(at('Deployment target') < at('MemoryProbe helm-test'));
  t.is(at('Pod helm-test'), hooks.length - 1);
});

chartTest('all that hooks make goes when they have succeeded', t => {
  for (const hook of [...hooksOf('test'), ...hooksOf('pre-delete')])
    t.is(annotationsOf(hook)['helm.sh/hook-delete-policy'], 'before-hook-creation,hook-succeeded');
});

chartTest('whoever sees helm test or an uninstall fail sees what it said', t => {
  const runs = [...hooksOf('test'), ...hooksOf('pre-delete')].filter(({kind}) => /^(Pod|Job)$/.test(kind));
  t.is(runs.length, 2);
  for (const hook of runs) t.is(annotationsOf(hook)['helm.sh/hook-output-log-policy'], 'hook-failed');
});

chartTest('helm test stays within the longest deadline that is allowed', t => {
  const deadline = (...flags: string[]) =>
    hooksOf('test', ...flags).find(({kind}) => kind === 'MemoryProbe')?.spec as {guards: object};
  t.like(deadline().guards, {deadlineSeconds: 120});
  t.like(deadline('--set', 'budgets.maxDeadlineSeconds=60').guards, {deadlineSeconds: 60});
});

chartTest('helm test looks at a target outside the namespace whose pods no probe may look at', t => {
  for (const {kind, metadata} of hooksOf('test'))
    t.is(kind === 'Namespace' ? metadata.name : metadata.namespace, 'memoryprobe-test');
});

chartTest('without hooks there is nothing of them', t => {
  t.deepEqual(
    renderChart().filter(object => HOOK in annotationsOf(object)),
    [],
  );
});

chartTest('the target of helm test is none of the pods that no probe may be about', t => {
  const target = hooksOf('test')
    .map(workloadOf)
    .find(found => found?.id === 'Deployment target');
  t.not(target?.labels['app.kubernetes.io/name'], 'memoryprobe');
  t.is(target?.labels['app.kubernetes.io/component'], target?.selector?.['app.kubernetes.io/component']);
});
