/** The operator at rest: resident memory, descriptors, and API writes as the API server's audit log has them. */
import {readFileSync} from 'node:fs';
import {NODE_KINDS, type NodeKind, OPERATOR_NAMESPACE, onNode, ROOT} from '../../test/helpers/cluster.ts';

/** One operator's process: the leader or a follower. */
export type OperatorAtRest = {rssMebibytes: number; descriptors: number};
export type Rest = {operators: OperatorAtRest[]; writes: string[]};

type AuditEvent = {
  stage: string;
  verb: string;
  requestURI: string;
  user?: {username?: string};
  objectRef?: {resource?: string};
};

const WRITE_VERBS = ['create', 'update', 'patch', 'delete', 'deletecollection'];
const AUDIT_LOG = `${ROOT}/.cluster/log/audit.log`;

export const readAuditLines = (): string[] => readFileSync(AUDIT_LOG, 'utf8').split('\n').filter(Boolean);

/** Writes of the operator's service account in these lines, its Lease apart. */
export const listWrites = (lines: string[]): string[] =>
  lines
    .map(line => JSON.parse(line) as AuditEvent)
    .filter(({stage}) => stage === 'ResponseComplete')
    .filter(({user}) => user?.username?.startsWith(`system:serviceaccount:${OPERATOR_NAMESPACE}:`))
    .filter(({verb, objectRef}) => WRITE_VERBS.includes(verb) && objectRef?.resource !== 'leases')
    .map(({verb, requestURI}) => `${verb} ${requestURI}`);

/** Watches for so many seconds while nobody asks for a probe. */
export const measureRest = async (seconds: number): Promise<Rest> => {
  const before = readAuditLines().length;
  await new Promise(resolve => setTimeout(resolve, seconds * 1000));
  const writes = listWrites(readAuditLines().slice(before));
  return {operators: await Promise.all((await findOperators()).map(look)), writes};
};

type Place = {node: NodeKind; pid: number};

const look = async ({node, pid}: Place): Promise<OperatorAtRest> => ({
  rssMebibytes: Number(await onNode(node, `awk '/^VmRSS:/ {print $2}' /proc/${pid}/status`)) / 1024,
  descriptors: Number(await onNode(node, `ls /proc/${pid}/fd | wc -l`)),
});

/** They run on either node. */
const findOperators = async (): Promise<Place[]> => {
  const places: Place[] = [];
  for (const node of NODE_KINDS) {
    const pids = await onNode(node, 'pgrep -f "^/usr/bin/node.*/app/operator.js"').catch(() => '');
    places.push(
      ...pids
        .split('\n')
        .filter(Boolean)
        .map(pid => ({node, pid: Number(pid)})),
    );
  }
  if (places.length === 0) throw new Error('no operator runs on either node: make deploy starts it');
  return places;
};
