import test from 'ava';
import {UsageError} from '../../src/lib/exit.ts';
import {readConfig, readLetGoConfig, readSubcommand} from '../../src/operator/config.ts';

const NEEDED = {BALLOON_IMAGE: 'i:1', POD_NAMESPACE: 'ns', POD_NAME: 'pod'};

test('what is needed is enough', t => {
  t.like(readConfig(NEEDED), {
    balloonImage: 'i:1',
    httpPort: 8080,
    leaderElection: true,
    allowSystemTargets: false,
    nodeScopeAllowed: false,
    namespaceOptIn: false,
    maxDeadlineSeconds: 86_400,
    budgets: {cluster: 10, namespace: 5},
  });
});

const refused = test.macro({
  title: (_, environment: Record<string, string>) =>
    `${JSON.stringify(environment)} is refused with the name and the value`,
  exec: (t, environment: Record<string, string>, says: RegExp) => {
    const error = t.throws(() => readConfig({...NEEDED, ...environment}), {instanceOf: UsageError});
    t.regex(error?.message ?? '', says);
  },
});
test(refused, {BALLOON_IMAGE: ''}, /BALLOON_IMAGE.*must be set/);
test(refused, {HTTP_PORT: 'x'}, /HTTP_PORT.*0 to 65535.*"x"/);
test(refused, {WORKERS: '0'}, /WORKERS.*1 to 64.*"0"/);
test(refused, {LOG_LEVEL: 'loud'}, /LOG_LEVEL.*info, error, warn, debug.*"loud"/);
test(refused, {BUDGET_CLUSTER: '0'}, /BUDGET_CLUSTER.*1 to 1000.*"0"/);
test(refused, {MAX_DEADLINE_SECONDS: '9'}, /MAX_DEADLINE_SECONDS.*10 to 2678400.*"9"/);
test(refused, {NODE_SCOPE_ALLOWED: '1'}, /NODE_SCOPE_ALLOWED.*false, true.*"1"/);
test(refused, {ALLOW_SYSTEM_TARGETS: 'yes'}, /ALLOW_SYSTEM_TARGETS.*false, true.*"yes"/);

test('let-go must know what it scales to nothing, and has two minutes', t => {
  t.deepEqual(readLetGoConfig({OPERATOR_DEPLOYMENT: 'memoryprobe'}), {
    deployment: 'memoryprobe',
    patienceSeconds: 120,
  });
  t.throws(() => readLetGoConfig({}), {instanceOf: UsageError, message: /OPERATOR_DEPLOYMENT/});
});

test('the operator serves unless it is told otherwise, and refuses words that it does not know', t => {
  t.is(readSubcommand(['node', 'operator.js']), 'serve');
  t.is(readSubcommand(['node', 'operator.js', 'let-go']), 'let-go');
  t.throws(() => readSubcommand(['node', 'operator.js', 'letgo']), {message: /not "letgo"/});
  t.throws(() => readSubcommand(['node', 'operator.js', 'let-go', 'now']), {message: /not "let-go now"/});
});
