import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { KubeObject } from '../../../src/environments/kubernetes/api/kube-object.js';

const { REMIGRATE_TEST_MANIFESTS = '' } = process.env;

interface Deployment extends KubeObject {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly { readonly env: readonly { readonly name: string; readonly value?: string }[] }[];
      };
    };
  };
}

/**
 * Copies the stand-in's manifests for one version, with more in the operator's environment.
 * @param folder to be made. @returns the folder.
 */
export async function manifestsWith(
  folder: string,
  version: string,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  await cp(REMIGRATE_TEST_MANIFESTS.replaceAll('{version}', version), folder, { recursive: true });
  const file = join(folder, '060-Deployment-strimzi-cluster-operator.yaml');
  const deployment = parse(await readFile(file, 'utf8')) as Deployment;
  const more = Object.entries(environment).map(([name, value]) => ({ name, value }));
  const { spec } = deployment.spec.template;
  const containers = spec.containers.map((container) => ({
    ...container,
    env: [...container.env.filter(({ name }) => !(name in environment)), ...more],
  }));
  const template = { ...deployment.spec.template, spec: { ...spec, containers } };
  await writeFile(file, stringify({ ...deployment, spec: { ...deployment.spec, template } }));
  return folder;
}
