import { describe } from '@jest/globals';
import { execa } from 'execa';
import { kafkaImage } from '../../images/kafka-image.js';
import { type Place, processesOf, untilNothingIsLeft } from '../../integration/support/command.js';

/** Without Docker the tests are skipped, and global-setup says why. */
export const hasDocker = process.env.REMIGRATE_TEST_DOCKER === '1';
export function describeInDocker(name: string, tests: () => void): void {
  (hasDocker ? describe : describe.skip)(name, tests);
}

export const OUR_IMAGE = kafkaImage('{kafka}');
export const IN_CONTAINERS = ['--env', 'containers', '--image', OUR_IMAGE] as const;

/** The requirement: nothing is left this long after the harness has exited. */
const GONE_MS = 15_000;

/** The label of the containers of the call that runs in this place, from its guardian's command line. */
export async function labelOfCall(place: Place): Promise<string> {
  const found = (await processesOf(place)).map(
    ({ args }) => /main\.js (remigrate-containers-[0-9a-f]{16})-guardian/.exec(args)?.[1],
  );
  const [call] = found.filter((one) => one !== undefined);
  if (call === undefined) throw new Error('no guardian of a call in containers is running in this place');
  return call;
}

/** Options of `docker ps`, `docker volume ls` and `docker network ls` that select only what this call created. */
export function ofCall(call: string): readonly string[] {
  return ['--filter', `label=remigrate.io/call=${call}`];
}

/** The containers, volumes and networks of a call. */
export async function inDocker(call: string): Promise<readonly string[]> {
  const filter = ofCall(call);
  const lists = [
    ['ps', '--all', '--format', 'container {{.Names}}', ...filter],
    ['volume', 'ls', '--format', 'volume {{.Name}}', ...filter],
    ['network', 'ls', '--format', 'network {{.Name}}', ...filter],
  ];
  const found = await Promise.all(lists.map((list) => execa('docker', list, { lines: true })));
  return found.flatMap(({ stdout }) => stdout.filter((line) => line !== ''));
}

/** Waits until a call has nothing left in Docker and no process here. @throws Error that names what is left. */
export async function expectNothingInDocker(call: string, place: Place): Promise<void> {
  await untilNothingIsLeft(GONE_MS, async () => [
    ...(await inDocker(call)),
    ...(await processesOf(place)).map(({ args }) => args),
  ]);
}
