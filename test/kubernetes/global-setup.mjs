import { createJiti } from 'jiti';

/** Jest runs it once before the tests of the project `kubernetes`; jest's own loader takes no TypeScript here. */
export default async function setUp() {
  const { provideCluster } = await createJiti(import.meta.url).import('./provided-cluster.ts');
  globalThis.releaseKubernetes = await provideCluster(process.env);
}
