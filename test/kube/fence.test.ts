import {createServer, type IncomingMessage} from 'node:http';
import type {AddressInfo} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {Agent} from 'undici';
import type {Access} from '../../src/kube/access.ts';
import {fenceWrites} from '../../src/kube/fence.ts';
import {createLead, type Lead} from '../../src/kube/lead.ts';
import {type Call, createRest, type Rest} from '../../src/kube/rest.ts';
import {createJumpClock, type JumpClock} from '../helpers/jump-clock.ts';

type Scene = {clock: JumpClock; lead: Lead; rest: Rest; seen: string[]};

/** A server that notes what reaches it; `hold` answers nothing to a write. `onAuthorize` runs before each request. */
const withServer = async (
  {hold = false, onAuthorize}: {hold?: boolean; onAuthorize?: (scene: Scene) => void},
  act: (scene: Scene) => Promise<void>,
): Promise<void> => {
  const seen: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    seen.push(`${request.method}`);
    if (!hold || request.method === 'GET') response.end('{}');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const dispatcher = new Agent();
  const clock = createJumpClock();
  const lead = createLead(clock, 10);
  const access: Access = {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    namespace: undefined,
    authorize: async () => {
      onAuthorize?.(scene);
      return {headers: {}, dispatcher};
    },
    close: () => dispatcher.destroy(),
  };
  const scene = {clock, lead, seen, rest: fenceWrites(createRest({access, userAgent: 'test'}), lead)};
  try {
    await act(scene);
  } finally {
    await access.close();
    await new Promise(resolve => server.close(resolve));
  }
};

const WRITE: Call = {method: 'POST', path: '/things', body: {}};
const READ: Call = {method: 'GET', path: '/things'};

const assertWithheld = async (t: ExecutionContext, {rest, seen}: Scene): Promise<void> => {
  await t.throwsAsync(rest.call(WRITE), {name: 'ApiFault', message: /POST \/things/});
  t.false(seen.includes('POST'), 'nothing reached the server');
};

test('a process that does not lead reads, and writes nothing', t =>
  withServer({}, async scene => {
    await scene.rest.call(READ);
    await assertWithheld(t, scene);
    t.deepEqual(scene.seen, ['GET']);
  }));

test('a leader writes until its lead has run out', t =>
  withServer({}, async scene => {
    scene.lead.renewed(scene.clock.monotonic());
    await scene.rest.call(WRITE);
    t.deepEqual(scene.seen.splice(0), ['POST']);
    scene.clock.jump(10_000);
    await assertWithheld(t, scene);
    scene.lead.renewed(scene.clock.monotonic());
    await scene.rest.call(WRITE);
    t.deepEqual(scene.seen.splice(0), ['POST']);
    scene.lead.end();
    await assertWithheld(t, scene);
  }));

test('a lead that runs out between the decision and the connection holds the write back', t =>
  withServer({onAuthorize: ({clock}) => clock.jump(11_000)}, async scene => {
    scene.lead.renewed(scene.clock.monotonic());
    await t.throwsAsync(scene.rest.call(WRITE), {message: /not sent/});
    t.deepEqual(scene.seen, []);
  }));

test('a write that waits for its connection is asked for again when it has one', t =>
  withServer({}, async scene => {
    scene.lead.renewed(scene.clock.monotonic());
    const writing = scene.rest.call(WRITE);
    // The credentials are there, the connection is not.
    await Promise.resolve();
    scene.clock.jump(11_000);
    await t.throwsAsync(writing, {message: /not sent/});
    t.deepEqual(scene.seen, []);
  }));

test('no answer is waited for longer than the lead lasts', t =>
  withServer({hold: true}, async scene => {
    scene.lead.renewed(scene.clock.monotonic() - 9800);
    const startMs = performance.now();
    await t.throwsAsync(scene.rest.call(WRITE), {name: 'ApiFault'});
    t.true(performance.now() - startMs < 5000, 'a request alone may take 10 s');
  }));
