import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { buildImage } from '../../images/kafka-image.js';

/** Images that a test builds, and deletes. */
export class TestImages {
  readonly #names: string[] = [];

  /** Builds an image from the lines of a Dockerfile; returns its name. */
  async build(lines: readonly string[]): Promise<string> {
    const name = `localhost/remigrate-test/${process.pid}-${this.#names.length}:1`;
    const folder = await mkdtemp(join(tmpdir(), 'test-image-'));
    try {
      await writeFile(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`);
      buildImage(folder, name, {}, () => undefined);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    this.#names.push(name);
    return name;
  }

  /** Gives an image an additional name. */
  async tag(image: string, name: string): Promise<void> {
    await execa('docker', ['tag', image, name]);
    this.#names.push(name);
  }

  async delete(): Promise<void> {
    for (const name of this.#names.splice(0)) await execa('docker', ['rmi', name]);
  }
}
