import { describe } from '@jest/globals';
import { execa } from 'execa';
import { kafkaImage } from '../../images/kafka-image.js';
import { type Place, processesOf, untilNothingIsLeft } from '../../integration/support/command.js';

/** Where there is no Docker the tests are skipped, and global-setup says why. */
export const hasDocker = process.env.REMIGRATE_TEST_DOCKER === '1';
export function describeInDocker(name: string, tests: () => void): void {
  (hasDocker ? describe : describe.skip)(name, tests);
}

export const OUR_IMAGE = kafkaImage('{kafka}');
export const IN_CONTAINERS = ['--env', 'containers', '--image', OUR_IMAGE] as const;

/** What the issue asks for: so long after the harness is gone nothing is left. */
const GONE_MS = 15_000;

/** What the call that runs in this place labels its containers with: its guardian has it in its command line. */
export async function labelOfCall(place: Place): Promise<string> {
  const found = (await processesOf(place)).map(
    ({ args }) => /main\.js (remigrate-containers-[0-9a-f]{16})-guardian/.exec(args)?.[1],
  );
  const [call] = found.filter((one) => one !== undefined);
  if (call === undefined) throw new Error('no guardian of a call in containers runs in this place');
  return call;
}

/** For `docker ps`, `docker volume ls` and `docker network ls`: what a call has there, and nobody else. */
export function ofCall(call: string): readonly string[] {
  return ['--filter', `label=remigrate.io/call=${call}`];
}

/** What a call has in Docker: containers, volumes and networks. */
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

/** Waits until a call has nothing in Docker, and no process and no folder on this machine. @throws Error that names what is. */
export async function expectNothingInDocker(call: string, place: Place): Promise<void> {
  await untilNothingIsLeft(GONE_MS, async () => [
    ...(await inDocker(call)),
    ...(await processesOf(place)).map(({ args }) => args),
  ]);
}
