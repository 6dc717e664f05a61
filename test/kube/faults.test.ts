import test from 'ava';
import {type FaultKind, faultOfAnswer, faultOfException, isPassing} from '../../src/kube/faults.ts';

const status = (reason: string, code: number, more: object = {}) =>
  JSON.stringify({kind: 'Status', status: 'Failure', reason, code, message: `pods "x" ${reason}`, ...more});

const classified = test.macro({
  title: (_, code: number, body: string, kind: FaultKind) => `${code} ${body.slice(0, 60)} is ${kind}`,
  exec: (t, code: number, body: string, kind: FaultKind) => {
    const fault = faultOfAnswer('GET /x', code, body);
    t.is(fault.kind, kind);
    t.is(fault.status, code);
    t.true(fault.message.startsWith(`GET /x: ${code} `));
  },
});
test(classified, 404, status('NotFound', 404), 'NotFound');
test(classified, 409, status('AlreadyExists', 409), 'AlreadyExists');
test(classified, 409, status('Conflict', 409), 'Conflict');
test(classified, 410, status('Expired', 410), 'Expired');
test(classified, 422, status('Invalid', 422), 'Invalid');
test(classified, 403, status('Forbidden', 403), 'Forbidden');
test(classified, 429, status('TooManyRequests', 429), 'Throttled');
test(classified, 500, 'etcdserver: leader changed', 'ServerError');
test(classified, 503, '<html>no healthy upstream</html>', 'ServerError');

test('a message says what the server said, never its whole body', t => {
  const fault = faultOfAnswer('GET /x', 500, `first line\n${'secret '.repeat(1000)}`);
  t.is(fault.message, 'GET /x: 500 first line');
});

test('the pause that a busy server asks for is kept', t => {
  const fault = faultOfAnswer(
    'GET /x',
    429,
    status('TooManyRequests', 429, {details: {retryAfterSeconds: 3}}),
  );
  t.is(fault.retryAfterMs, 3000);
});

test('no answer is Unreachable, a late one Timeout; both pass by themselves', t => {
  const cut = faultOfException(
    'GET /x',
    Object.assign(new Error('other side closed'), {code: 'UND_ERR_SOCKET'}),
  );
  const late = faultOfException('GET /x', new DOMException('too late', 'TimeoutError'));
  t.deepEqual([cut.kind, late.kind], ['Unreachable', 'Timeout']);
  t.true(isPassing(cut) && isPassing(late));
});
