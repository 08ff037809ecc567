/** Runs before each test file: selects the cluster by the number of the Jest worker. A given cluster is shared. */
const { REMIGRATE_TEST_CONTEXTS: contexts, JEST_WORKER_ID: worker } = process.env;
if (contexts !== undefined) {
  const all = contexts.split(',');
  process.env.REMIGRATE_TEST_CONTEXT = all[(Number(worker) - 1) % all.length];
}
