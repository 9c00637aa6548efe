/** A thread that searches similar artists: normal forms in, numbers and scores out. */

import { parentPort, workerData } from 'node:worker_threads';
import { ArtistSearch } from './artist-search.js';

/** Answers in the order of the names; artist -1 where none is similar enough. */
export interface SearchAnswer {
  artists: Int32Array;
  scores: Float64Array;
}

const search = new ArtistSearch(workerData as string[]);

parentPort!.on('message', (names: string[]) => {
  const answer: SearchAnswer = { artists: new Int32Array(names.length), scores: new Float64Array(names.length) };
  names.forEach((name, at) => {
    answer.artists[at] = search.find(name) ? search.best : -1;
    answer.scores[at] = search.score;
  });
  parentPort!.postMessage(answer, [answer.artists.buffer as ArrayBuffer, answer.scores.buffer as ArrayBuffer]);
});
