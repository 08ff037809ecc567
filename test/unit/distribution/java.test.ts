import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findJava } from '../../../src/distribution/java.js';
import { UsageError } from '../../../src/errors.js';
import { type Folder, javaScript, makeFolder } from './fakes.js';

describe('findJava', () => {
  let folder: Folder;
  beforeEach(async () => {
    folder = await makeFolder();
  });
  afterEach(() => folder.delete());

  /** PATH with the folder's bin first; the fakes need `cat`. */
  const path = () => `${folder.join('bin')}:/usr/bin:/bin`;
  const failure = async (env: NodeJS.ProcessEnv) => {
    const error: unknown = await findJava({ env }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).message;
  };

  it('uses the java on PATH', async () => {
    const executable = await folder.program('bin/java', javaScript(17));
    expect(await findJava({ env: { PATH: path() } })).toEqual({
      executable,
      home: '/opt/java-17',
      major: 17,
      version: 'Acme 17.0.1+7 amd64',
      sharing: true,
    });
  });

  it("prefers JAVA_HOME's java to the one on PATH", async () => {
    await folder.program('bin/java', javaScript(17));
    const executable = await folder.program('jdk/bin/java', javaScript(21));
    const java = await findJava({ env: { PATH: path(), JAVA_HOME: folder.join('jdk') } });
    expect(java).toMatchObject({ executable, major: 21 });
  });

  it('treats an empty JAVA_HOME as unset', async () => {
    const executable = await folder.program('bin/java', javaScript(23));
    expect(await findJava({ env: { PATH: path(), JAVA_HOME: '' } })).toMatchObject({ executable, major: 23 });
  });

  it('detects a JVM that shares no class data', async () => {
    await folder.program('bin/java', javaScript(17, 'mixed mode'));
    expect(await findJava({ env: { PATH: path() } })).toMatchObject({ sharing: false });
  });

  it('does not fall back to PATH from a JAVA_HOME without java', async () => {
    await folder.program('bin/java', javaScript(17));
    const message = await failure({ PATH: path(), JAVA_HOME: folder.join('nowhere') });
    expect(message).toContain(`JAVA_HOME is ${folder.join('nowhere')}, which does not contain an executable bin/java.`);
    expect(message).toContain('unset it');
  });

  it('names what to install if there is no java', async () => {
    const message = await failure({ PATH: folder.join('bin') });
    expect(message).toContain('Java was not found: JAVA_HOME is not set, and there is no java on PATH.');
    expect(message).toContain("Install a JDK or JRE 17 to 23, for example Debian's openjdk-17-jre-headless");
  });

  it.each([
    [8, 'too old'],
    [11, 'too old'],
    [16, 'too old'],
    [24, 'too new'],
    [25, 'too new'],
  ])('refuses Java %i as %s, naming where it is', async (release, verdict) => {
    const executable = await folder.program('bin/java', javaScript(release));
    const message = await failure({ PATH: path() });
    expect(message).toContain(`The java on PATH is ${executable}, which is Java ${release}: ${verdict}`);
    expect(message).toContain('openjdk-17-jre-headless');
  });

  it('refuses a JAVA_HOME that is too old, even if a suitable java is on PATH', async () => {
    await folder.program('bin/java', javaScript(17));
    await folder.program('jdk/bin/java', javaScript(11));
    const message = await failure({ PATH: path(), JAVA_HOME: folder.join('jdk') });
    expect(message).toContain(`JAVA_HOME is ${folder.join('jdk')}, which is Java 11: too old`);
  });

  it('shows the error of a java that does not run', async () => {
    await folder.program(
      'bin/java',
      'echo "Picked up JAVA_TOOL_OPTIONS: -X"; echo "Unable to locate a Java Runtime." >&2; exit 1',
    );
    expect(await failure({ PATH: path() })).toContain('it does not run: Unable to locate a Java Runtime.');
  });

  it('says so if the launcher is not a program for this machine', async () => {
    await folder.program('jdk/bin/java', '');
    await folder.write('jdk/bin/java', '\u007fELF nonsense');
    expect(await failure({ PATH: path(), JAVA_HOME: folder.join('jdk') })).toMatch(/does not run: \S+/);
  });

  it('refuses a java that prints no version', async () => {
    await folder.program('bin/java', 'echo hello');
    expect(await failure({ PATH: path() })).toContain('shows no version');
  });
});
