// Tells Monaco where its workers are: beside this script, on our own origin, never from a blob.
/* global WORKER_FILES -- written in by build.mjs */

function start(name) {
  return new Worker(new URL(WORKER_FILES[name], import.meta.url), { type: 'module' });
}

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    switch (label) {
      case 'json':
        return start('json_worker');
      case 'graphql':
        return start('graphql_worker');
      default:
        return start('editor_worker');
    }
  },
};
