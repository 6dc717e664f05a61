import test, {type ExecutionContext} from 'ava';
import {findBinaries, NO_BINARIES} from './apiserver.ts';
import {startWorld, type World} from './world.ts';

type Body = (t: ExecutionContext, world: World) => Promise<void>;

/**
 * Declares tests that share one API server, one after the other. Where there is no API server each is skipped with a
 * line that says what is missing; under CI=true it fails with that line.
 */
export const createApiTest = (): ((title: string, body: Body) => void) => {
  if (!findBinaries() && process.env.CI !== 'true')
    return title => test.skip(`${title} (${NO_BINARIES})`, () => undefined);
  let world: World | undefined;
  test.before('start an API server', async t => {
    t.timeout(90_000);
    world = await startWorld();
  });
  test.after.always('stop the API server', () => world?.stop());
  return (title, body) =>
    test.serial(title, async t => {
      if (!world) return t.fail(NO_BINARIES);
      await body(t, world);
    });
};
