// Ends itself at the first job without a word: the parent is told nothing.
self.postMessage({ kind: "ready" });
self.onmessage = () => self.close();
