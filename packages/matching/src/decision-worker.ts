/** A thread that decides: first what to decide by, then releases in, and decisions out. */

import { parentPort } from 'node:worker_threads';
import { unpackBasis, type PackedBasis } from './basis.js';
import { Classifier } from './classifier.js';
import type { Release } from './decision.js';

const port = parentPort!;

port.once('message', (basis: PackedBasis) => {
  const classifier = new Classifier(unpackBasis(basis));
  port.on('message', (releases: Release[]) => port.postMessage(releases.map((release) => classifier.decide(release))));
});
