// Fails before it listens, as a worker whose code cannot be loaded would.
throw new Error("stillborn");
