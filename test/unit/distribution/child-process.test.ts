import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runChildProcess } from '../../../src/distribution/child-process.js';
import { packageRoot } from '../../../src/package-root.js';
import { eventually, type Folder, isAlive, makeFolder } from './fakes.js';

describe('runChildProcess', () => {
  let folder: Folder;
  beforeEach(async () => {
    folder = await makeFolder();
  });
  afterEach(() => folder.delete());
  const env = { PATH: '/usr/bin:/bin' };

  it('returns what the program printed to both outputs, without colours, and its exit code', async () => {
    const program = await folder.program('p', 'printf "\\033[1mone\\033[m\\n"; echo "$1 $2" >&2; exit 7');
    const lines: string[] = [];
    const end = await runChildProcess(program, ['a b', '*'], { env, onLine: (line) => lines.push(line) });
    expect(end.exitCode).toBe(7);
    expect([...end.output].sort()).toEqual(['a b *', 'one']);
    expect([...lines].sort()).toEqual(['a b *', 'one']);
  });

  it('gives the program an empty input, so that it does not wait for one', async () => {
    const program = await folder.program('p', 'cat; echo done');
    expect(await runChildProcess(program, [], { env })).toEqual({ exitCode: 0, output: ['done'] });
  });

  it('stops the program if the signal was aborted before it started', async () => {
    const program = await folder.program('p', 'exec sleep 60');
    const { exitCode } = await runChildProcess(program, [], { env, signal: AbortSignal.abort() });
    expect(exitCode).toBe(128 + 15);
  });

  it('reports a program that does not exist', async () => {
    const { exitCode, output } = await runChildProcess(folder.join('no'), [], { env });
    expect(exitCode).toBe(127);
    expect(output.join()).toContain('not found');
  });

  it('ends the program when the process that ran it is killed', async () => {
    const pidFile = folder.join('pid');
    const program = await folder.program(
      'p',
      `echo $$ > '${pidFile}.new'; mv '${pidFile}.new' '${pidFile}'; exec sleep 60`,
    );
    const module = pathToFileURL(join(packageRoot(), 'src', 'distribution', 'child-process.ts')).href;
    const script = await folder.write(
      'harness.mts',
      `import { runChildProcess } from '${module}';
await runChildProcess('${program}', [], { env: process.env });`,
    );
    const jiti = join(packageRoot(), 'node_modules', 'jiti', 'lib', 'jiti-cli.mjs');
    const harness = spawn(process.execPath, [jiti, script], { stdio: ['ignore', 'ignore', 'inherit'], env });
    await eventually('the program to start', () => existsSync(pidFile));
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(isAlive(pid)).toBe(true);
    harness.kill('SIGKILL');
    await eventually('the program to end with the harness', () => !isAlive(pid));
  });
});
