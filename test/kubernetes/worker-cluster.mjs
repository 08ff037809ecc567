/** Before each test file: the worker that runs it takes the cluster of its number. A cluster that was given is everybody's. */
const { REMIGRATE_TEST_CONTEXTS: contexts, JEST_WORKER_ID: worker } = process.env;
if (contexts !== undefined) {
  const all = contexts.split(',');
  process.env.REMIGRATE_TEST_CONTEXT = all[(Number(worker) - 1) % all.length];
}
