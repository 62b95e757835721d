// Dies of the first job, as a worker out of memory would.
self.postMessage({ kind: "ready" });
self.onmessage = () => {
  throw new Error("boom");
};
