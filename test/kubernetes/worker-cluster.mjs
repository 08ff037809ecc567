/** Before each test file: selects the cluster with the number of jest's worker. All workers share a given cluster. */
const { REMIGRATE_TEST_CONTEXTS: contexts, JEST_WORKER_ID: worker } = process.env;
if (contexts !== undefined) {
  const all = contexts.split(',');
  process.env.REMIGRATE_TEST_CONTEXT = all[(Number(worker) - 1) % all.length];
}
