import {LEASE_NAME} from '../../src/api/names.ts';
import {createAccess} from '../../src/kube/access.ts';
import {createRest} from '../../src/kube/rest.ts';
import {systemClock} from '../../src/lib/clock.ts';
import {silentLog} from '../../src/lib/log.ts';
import {letGo} from '../../src/operator/let-go.ts';
import {OWN_PODS} from '../../src/operator/operator.ts';
import {hasHelm, type Manifest, renderChartAndHooks} from '../helpers/helm.ts';
import {createApiTest} from '../helpers/need-api-server.ts';
import {createProbe, OPERATOR_NAMESPACE, startOperator, type World, waitPod} from '../helpers/world.ts';

const apiTest = createApiTest();
const ACCOUNT = `system:serviceaccount:${OPERATOR_NAMESPACE}:memoryprobe`;

/** The roles of the chart and of what runs before an uninstall, and the Deployment that is to be stopped. */
const install = async ({rest}: World): Promise<Manifest[]> => {
  const objects = renderChartAndHooks().filter(
    ({apiVersion, kind, metadata}) =>
      (apiVersion.startsWith('rbac.') || kind === 'Deployment') &&
      [undefined, OPERATOR_NAMESPACE].includes(metadata.namespace),
  );
  for (const {kind, apiVersion, metadata, ...object} of objects) {
    const scope = metadata.namespace ? `namespaces/${metadata.namespace}/` : '';
    const path = `/apis/${apiVersion}/${scope}${kind.toLowerCase()}s`;
    await rest.call({method: 'POST', path, body: {kind, apiVersion, metadata, ...object}});
  }
  const leases = `/apis/coordination.k8s.io/v1/namespaces/${OPERATOR_NAMESPACE}/leases`;
  await rest.call({method: 'POST', path: leases, body: {metadata: {name: LEASE_NAME}}});
  return objects;
};

apiTest('what lets go before an uninstall has the rights that it uses, and no more', async (t, world) => {
  if (!hasHelm(t)) {
    t.pass();
    return;
  }
  const objects = await install(world);
  const place = await world.place();
  await world.kubelet.runTarget({...place, name: 'target'});
  const operator = startOperator(world);
  const {metadata} = await createProbe(world, place.namespace, 'probe', {target: {podName: 'target'}});
  await waitPod(world, 'balloon', metadata.uid);
  await operator.stop();

  const kubeconfig = world.api.kubeconfigOf(ACCOUNT);
  const access = createAccess({kubeconfig});
  await letGo({
    deployment: 'memoryprobe',
    patienceSeconds: 20,
    rest: createRest({access, userAgent: 'let-go-under-test'}),
    clock: systemClock,
    log: silentLog,
    namespace: OPERATOR_NAMESPACE,
    leaseName: LEASE_NAME,
    ownPods: OWN_PODS,
    signal: new AbortController().signal,
    endProbes: async signal => {
      const ending = startOperator(world, {kubeconfig, config: {isEnding: true}});
      await new Promise(resolve => signal.addEventListener('abort', resolve, {once: true}));
      await ending.stop();
    },
  });
  await access.close();
  t.is((await world.probes.get({...place, name: 'probe'})).status?.reason, 'Uninstalled');

  const calls = world.api.audit().filter(({user}) => user.username === ACCOUNT);
  const wordsOf = (code: (status: number | undefined) => boolean): string[] =>
    calls
      .filter(({responseStatus}) => code(responseStatus?.code))
      .map(
        ({verb, objectRef}) =>
          `${verb} ${[objectRef?.resource, objectRef?.subresource].filter(Boolean).join('/')} ${objectRef?.name ?? ''}`,
      );
  t.deepEqual(
    wordsOf(code => code === 403),
    [],
  );
  const role = objects.find(object => object.kind === 'Role' && object.metadata.name.endsWith('-let-go'));
  type RoleRule = {resources: string[]; resourceNames: string[]; verbs: string[]};
  const rights = ((role?.rules ?? []) as RoleRule[]).flatMap(({resources, resourceNames, verbs}) =>
    verbs.map(verb => `${verb} ${resources[0]} ${resourceNames[0]}`),
  );
  t.is(rights.length, 2);
  const used = wordsOf(code => code !== 403);
  t.deepEqual(
    rights.filter(right => !used.includes(right)),
    [],
  );
});
