// A bin takes seconds, many on a busy machine. Jest does not pass `testTimeout` on to projects.
import { jest } from '@jest/globals';

jest.setTimeout(120_000);
