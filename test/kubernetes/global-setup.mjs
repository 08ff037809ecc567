import { createJiti } from 'jiti';

/** Jest runs this once before the tests of the project `kubernetes`. Its loader does not accept TypeScript here. */
export default async function setUp() {
  const { provideCluster } = await createJiti(import.meta.url).import('./provided-cluster.ts');
  globalThis.releaseKubernetes = await provideCluster(process.env);
}
